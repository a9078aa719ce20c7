// Which tile may be beside which. A tile may stand for a larger pattern (the overlapping model): the rules
// know only numbers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "level/grid.h"
#include "level/tile_set.h"

namespace tilewright::level {

constexpr int kMaxTiles = 4096;

class Rules {
  public:
    /// weights: (zones, tiles), each at least 1; a zone's sum is below 2^31. right, below: (tiles, tiles),
    /// non-zero if the second tile may be right of or below the first. Throws std::invalid_argument.
    Rules(int tiles, std::vector<std::int32_t> weights, const std::vector<std::uint8_t>& right,
          const std::vector<std::uint8_t>& below);

    int tiles() const { return tiles_; }
    int zones() const { return static_cast<int>(weights_.size()) / tiles_; }
    /// Words of a set of tiles; a power of two up to 8, so that loops over words have a constant length.
    int words() const { return words_; }
    const TileSet& all() const { return all_; }
    const std::int32_t* weights(int zone) const { return &weights_[static_cast<std::size_t>(zone) * tiles_]; }
    /// w * log2(w) for each weight of a zone, in fixed point.
    const std::int64_t* weight_logs(int zone) const {
        return &weight_logs_[static_cast<std::size_t>(zone) * tiles_];
    }

    /// Whether a cell's possible tiles, `other`, shrink beside a cell with the possible tiles `domain`, which
    /// is the next one against the direction. Writes what remains to `out` if they do. W: words(), or 0.
    template <int W>
    bool reduce(int direction, const Word* domain, const Word* other, Word* out) const {
        const int words = W ? W : words_;
        for (int word = 0; word < words; ++word) {
            out[word] = 0;
        }
        const auto add = [&](const Word* row) {
            for (int word = 0; word < words; ++word) {
                out[word] |= row[word];
            }
        };
        for (int part = 0; part < words; ++part) {
            Word rest = domain[part];
            if (!rest) {
                continue;
            }
            if (unions_[direction].empty() || __builtin_popcountll(rest) < kFewTiles) {
                const Word* rows = row(direction, part * kWordBits);
                for (; rest; rest &= rest - 1) {
                    add(rows + static_cast<std::size_t>(__builtin_ctzll(rest)) * words);
                }
            } else {
                const Word* unions = &unions_[direction][static_cast<std::size_t>(part) * 256 * words];
                for (; rest; rest >>= 4, unions += 16 * words) {
                    add(unions + (rest & 15) * words);
                }
            }
            if (within(other, out, words)) {
                return false;  // often long before the last part
            }
        }
        for (int word = 0; word < words; ++word) {
            out[word] &= other[word];
        }
        return true;
    }

  private:
    static constexpr int kFewTiles = 8;  // fewer are read one by one, others by four

    const Word* row(int direction, int tile) const {
        return &rows_[direction][static_cast<std::size_t>(tile) * words_];
    }

    int tiles_, words_, nibbles_;
    std::vector<std::int32_t> weights_;
    std::vector<std::int64_t> weight_logs_;
    TileSet all_;
    std::array<std::vector<Word>, kDirections> rows_;    // (tiles, words): what may be next to one tile
    std::array<std::vector<Word>, kDirections> unions_;  // (nibbles, 16, words): next to any of four tiles
};

}  // namespace tilewright::level
