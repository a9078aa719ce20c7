// The entropies of sets of tiles, remembered: most cells of a map have one of few sets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "level/entropy.h"
#include "level/rules.h"

namespace tilewright::level {

class EntropyTable {
  public:
    explicit EntropyTable(const Rules& rules)
        : rules_(rules),
          words_(rules.words()),
          zones_(kEntries, -1),
          keys_(static_cast<std::size_t>(kEntries) * words_),
          entropies_(kEntries) {}

    /// The entropy of a non-empty set in a zone.
    std::int64_t operator()(int zone, const Word* set) {
        Word hash = static_cast<Word>(zone);
        for (int word = 0; word < words_; ++word) {
            hash = (hash ^ set[word]) * kMultiplier;
        }
        const std::size_t entry = hash >> (kWordBits - kEntryBits);
        Word* key = &keys_[entry * words_];
        if (zones_[entry] != zone || !std::equal(set, set + words_, key)) {
            zones_[entry] = zone;
            std::copy(set, set + words_, key);
            entropies_[entry] = compute(zone, set);
        }
        return entropies_[entry];
    }

  private:
    static constexpr int kEntryBits = 10;
    static constexpr int kEntries = 1 << kEntryBits;
    static constexpr Word kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio

    std::int64_t compute(int zone, const Word* set) const {
        const std::int32_t* weights = rules_.weights(zone);
        const std::int64_t* logs = rules_.weight_logs(zone);
        std::int64_t sum = 0, sum_logs = 0;
        for_each(set, words_, [&](int tile) {
            sum += weights[tile];
            sum_logs += logs[tile];
        });
        return entropy_fixed(sum, sum_logs);
    }

    const Rules& rules_;
    int words_;
    std::vector<std::int32_t> zones_;
    std::vector<Word> keys_;
    std::vector<std::int64_t> entropies_;
};

}  // namespace tilewright::level
