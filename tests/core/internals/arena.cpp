// Compares assign_offsets with a first fit that tries every candidate offset.
#include "core/arena.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>

#include "check.h"

using tilewright::ArenaOffsets;
using tilewright::LiveRange;

namespace {

bool meet_in_time(const LiveRange& a, const LiveRange& b) {
    return a.first_use <= b.last_use && b.first_use <= a.last_use;
}

bool meet_in_memory(std::size_t a, std::size_t a_bytes, std::size_t b, std::size_t b_bytes) {
    return a < b + b_bytes && b < a + a_bytes;
}

/// First fit in order of decreasing size. Candidate offsets are `head` and the ends of other ranges.
ArenaOffsets first_fit(const std::vector<LiveRange>& ranges, std::size_t head) {
    std::vector<std::size_t> order(ranges.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return ranges[a].bytes > ranges[b].bytes; });
    ArenaOffsets result{std::vector<std::size_t>(ranges.size(), 0), head};
    std::vector<std::size_t> placed;
    for (const std::size_t i : order) {
        if (ranges[i].bytes == 0) {
            continue;
        }
        std::vector<std::size_t> candidates = {head};
        for (const std::size_t other : placed) {
            candidates.push_back(result.offsets[other] + ranges[other].bytes);
        }
        std::sort(candidates.begin(), candidates.end());
        const auto fits = [&](std::size_t offset) {
            return std::none_of(placed.begin(), placed.end(), [&](std::size_t other) {
                return meet_in_time(ranges[i], ranges[other]) &&
                       meet_in_memory(offset, ranges[i].bytes, result.offsets[other], ranges[other].bytes);
            });
        };
        result.offsets[i] = *std::find_if(candidates.begin(), candidates.end(), fits);
        result.bytes = std::max(result.bytes, result.offsets[i] + ranges[i].bytes);
        placed.push_back(i);
    }
    return result;
}

/// The largest sum of live bytes over all stages: a lower bound for the arena.
std::size_t peak(const std::vector<LiveRange>& ranges) {
    std::size_t most = 0;
    for (const LiveRange& at : ranges) {
        std::size_t bytes = 0;
        for (const LiveRange& range : ranges) {
            bytes += meet_in_time(range, {0, at.first_use, at.first_use}) ? range.bytes : 0;
        }
        most = std::max(most, bytes);
    }
    return most;
}

void check(const std::vector<LiveRange>& ranges, std::size_t head) {
    const ArenaOffsets arena = tilewright::assign_offsets(ranges, head);
    CHECK(arena.offsets.size() == ranges.size());
    CHECK(arena.bytes >= head + peak(ranges));
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        CHECK(arena.offsets[i] % 4 == 0);
        CHECK(ranges[i].bytes == 0 || arena.offsets[i] >= head);
        CHECK(arena.offsets[i] + ranges[i].bytes <= arena.bytes);
        for (std::size_t j = 0; j < i; ++j) {
            CHECK(!meet_in_time(ranges[i], ranges[j]) || ranges[i].bytes == 0 || ranges[j].bytes == 0 ||
                  !meet_in_memory(arena.offsets[i], ranges[i].bytes, arena.offsets[j], ranges[j].bytes));
        }
    }
    const ArenaOffsets expected = first_fit(ranges, head);
    CHECK(arena.offsets == expected.offsets);
    CHECK(arena.bytes == expected.bytes);
}

}  // namespace

int main() {
    check({}, 64);
    std::mt19937 random(1);
    const auto draw = [&random](int low, int high) {
        return low + static_cast<int>(random() % static_cast<std::uint32_t>(high - low + 1));
    };
    for (int round = 0; round < 3000; ++round) {
        const int stages = draw(1, 12);
        std::vector<LiveRange> ranges(static_cast<std::size_t>(draw(1, 20)));
        for (LiveRange& range : ranges) {
            range.bytes = 4 * static_cast<std::size_t>(draw(0, round % 2 ? 4 : 100));
            range.first_use = draw(-1, stages);
            range.last_use = draw(range.first_use, stages);
        }
        check(ranges, 4 * static_cast<std::size_t>(draw(0, 10)));
    }
}
