#include "core/written_ranges.h"

#include <iterator>

namespace tilewright {

void WrittenRanges::split(std::size_t at) {
    auto after = ranges_.upper_bound(at);
    if (after == ranges_.begin()) {
        return;
    }
    auto range = std::prev(after);
    if (range->first < at && at < range->second.end) {
        ranges_.emplace(at, range->second);
        range->second.end = at;
    }
}

void WrittenRanges::write(std::size_t begin, std::size_t end, Element element) {
    if (begin == end) {
        return;
    }
    split(begin);
    split(end);
    ranges_.erase(ranges_.lower_bound(begin), ranges_.lower_bound(end));
    ranges_.emplace(begin, Range{end, element});
}

bool WrittenRanges::holds(std::size_t begin, std::size_t end, Element element) const {
    while (begin < end) {
        auto after = ranges_.upper_bound(begin);
        if (after == ranges_.begin()) {
            return false;
        }
        const Range& range = std::prev(after)->second;
        if (range.end <= begin || range.element != element) {
            return false;
        }
        begin = range.end;
    }
    return true;
}

}  // namespace tilewright
