#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tilewright {

/// (dy, dx), in cells.
using Offset = std::pair<int, int>;

/// The size of a map, and operations on sets of its cells: rows of bits, each in as many uint64 as needed.
struct CellRows {
    static constexpr int kBits = 64;

    int height;
    int width;

    int words() const { return (width + kBits - 1) / kBits; }

    /// uint64 of a set.
    std::size_t size() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(words()); }

    void add(int cell, std::uint64_t* set) const { set[word_of(cell)] |= bit_of(cell); }

    bool holds(int cell, const std::uint64_t* set) const { return (set[word_of(cell)] & bit_of(cell)) != 0; }

    /// Adds all cells.
    void add_all(std::uint64_t* set) const {
        for (int y = 0; y < height; ++y) {
            for (int word = 1; word < words(); ++word) {
                *set++ = ~std::uint64_t{0};
            }
            *set++ = last_word();
        }
    }

    /// Calls visit(cell) for the cells of a set, ascending.
    template <typename Visit>
    void for_each(const std::uint64_t* set, const Visit& visit) const {
        for (int y = 0; y < height; ++y) {
            for (int first = 0; first < width; first += kBits) {
                std::uint64_t bits = *set++;
                for (int x = first; bits; ++x, bits >>= 1) {
                    if (bits & 1) {
                        visit(y * width + x);
                    }
                }
            }
        }
    }

    /// Adds to `to` the cells of `from`, shifted by sign times each offset. wraps: circular shifts; otherwise
    /// cells beyond the edge are dropped.
    void dilate(const std::uint64_t* from, const std::vector<Offset>& offsets, bool wraps, int sign,
                std::uint64_t* to) const {
        int first = 0, last = height;  // sets are often small: their rows alone are shifted
        while (first < last && empty(from, first)) {
            ++first;
        }
        while (last > first && empty(from, last - 1)) {
            --last;
        }
        for (const auto& [dy, dx] : offsets) {
            for (int y = first; y < last; ++y) {
                int row = y + sign * dy;
                if (wraps) {
                    row = (row % height + height) % height;
                }
                if (row < 0 || row >= height) {
                    continue;
                }
                if (words() == 1) {
                    to[row] |= from[y] ? shifted(from[y], sign * dx, wraps) : 0;
                } else {
                    add_row(from + y * words(), sign * dx, wraps, to + row * words());
                }
            }
        }
    }

  private:
    bool empty(const std::uint64_t* set, int row) const {
        const std::uint64_t* const words_of_row = set + row * words();
        return std::all_of(words_of_row, words_of_row + words(), [](std::uint64_t word) { return !word; });
    }

    std::size_t word_of(int cell) const {
        return static_cast<std::size_t>(cell / width * words() + cell % width / kBits);
    }

    std::uint64_t bit_of(int cell) const { return std::uint64_t{1} << (cell % width % kBits); }

    /// The bits in use of the last word of a row.
    std::uint64_t last_word() const { return ~std::uint64_t{0} >> (words() * kBits - width); }

    /// Shifts a row of one word by `by` columns to the right (higher bits).
    std::uint64_t shifted(std::uint64_t row, int by, bool wraps) const {
        if (wraps) {
            by = (by % width + width) % width;
            return by == 0 ? row : (row << by | row >> (width - by)) & last_word();
        }
        if (by >= width || -by >= width) {
            return 0;
        }
        return (by >= 0 ? row << by : row >> -by) & last_word();
    }

    /// Adds a shifted row of several words to another row.
    void add_row(const std::uint64_t* row, int by, bool wraps, std::uint64_t* to) const {
        if (wraps) {
            by = (by % width + width) % width;
            add_words(row, by - width, to);
        }
        add_words(row, by, to);
    }

    void add_words(const std::uint64_t* row, int by, std::uint64_t* to) const {
        const int bits = (by % kBits + kBits) % kBits;
        const int first = (by - bits) / kBits;  // word of `to` that receives the low bits of the first word
        for (int word = 0; word < words(); ++word) {
            if (!row[word]) {
                continue;
            }
            const int low = first + word;
            if (low >= 0 && low < words()) {
                to[low] |= row[word] << bits;
            }
            if (bits > 0 && low + 1 >= 0 && low + 1 < words()) {
                to[low + 1] |= row[word] >> (kBits - bits);
            }
        }
        to[words() - 1] &= last_word();
    }
};

}  // namespace tilewright
