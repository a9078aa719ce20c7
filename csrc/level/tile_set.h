// Sets of tiles as bits, 64 a word. A set of T tiles takes ceil(T / 64) words.
#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::level {

using Word = std::uint64_t;
using TileSet = std::vector<Word>;

constexpr int kWordBits = 64;

inline int words_for(int tiles) { return (tiles + kWordBits - 1) / kWordBits; }

inline bool contains(const Word* set, int tile) { return set[tile / kWordBits] >> (tile % kWordBits) & 1; }
inline void insert(Word* set, int tile) { set[tile / kWordBits] |= Word{1} << (tile % kWordBits); }
inline void erase(Word* set, int tile) { set[tile / kWordBits] &= ~(Word{1} << (tile % kWordBits)); }

inline int size_of(const Word* set, int words) {
    int size = 0;
    for (int word = 0; word < words; ++word) {
        size += __builtin_popcountll(set[word]);
    }
    return size;
}

/// Whether two sets have a tile in common.
inline bool meet(const Word* a, const Word* b, int words) {
    for (int word = 0; word < words; ++word) {
        if (a[word] & b[word]) {
            return true;
        }
    }
    return false;
}

/// Whether every tile of `part` is in `whole`.
inline bool within(const Word* part, const Word* whole, int words) {
    for (int word = 0; word < words; ++word) {
        if (part[word] & ~whole[word]) {
            return false;
        }
    }
    return true;
}

/// Calls visit(tile) for each tile of a set, ascending.
template <typename Visit>
void for_each(const Word* set, int words, const Visit& visit) {
    for (int word = 0; word < words; ++word) {
        for (Word rest = set[word]; rest; rest &= rest - 1) {
            visit(word * kWordBits + __builtin_ctzll(rest));
        }
    }
}

/// The tiles that are not in `set`, of `tiles` in all.
inline TileSet complement(const TileSet& set, int tiles) {
    TileSet result(set.size(), 0);
    for (int tile = 0; tile < tiles; ++tile) {
        if (!contains(set.data(), tile)) {
            insert(result.data(), tile);
        }
    }
    return result;
}

}  // namespace tilewright::level
