#pragma once

#include <cstddef>
#include <map>

namespace tilewright {

enum class Element { kByte, kInt32 };

/// Which bytes of an arena have been written, and as what. A plan that read a byte nobody wrote would see
/// the tile before it, and tiles must not depend on one another.
class WrittenRanges {
  public:
    /// Marks [begin, end) as holding `element`, whatever it held before.
    void write(std::size_t begin, std::size_t end, Element element);

    /// True when every byte of [begin, end) was last written as `element`.
    bool holds(std::size_t begin, std::size_t end, Element element) const;

  private:
    struct Range {
        std::size_t end;
        Element element;
    };

    void split(std::size_t at);

    std::map<std::size_t, Range> ranges_;  // keyed by their first byte; they never overlap
};

}  // namespace tilewright
