#include "level/rules.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "level/entropy.h"

namespace tilewright::level {

namespace {

// The tables of unions take 256 bytes a nibble, word and direction. Larger sets are read tile by tile.
constexpr int kMaxTilesOfUnions = 1024;

void require(bool condition, const char* text) {
    if (!condition) {
        throw std::invalid_argument(text);
    }
}

int padded_words(int tiles) {
    const int words = words_for(tiles);
    for (const int padded : {1, 2, 4, 8}) {
        if (words <= padded) {
            return padded;
        }
    }
    return words;
}

}  // namespace

Rules::Rules(int tiles, std::vector<std::int32_t> weights, const std::vector<std::uint8_t>& right,
             const std::vector<std::uint8_t>& below)
    : tiles_(tiles), words_(padded_words(tiles)), nibbles_((tiles + 3) / 4), weights_(std::move(weights)) {
    require(1 <= tiles && tiles <= kMaxTiles, "solve(): there must be 1 to 4096 tiles");
    require(!weights_.empty() && weights_.size() % tiles_ == 0,
            "solve(): weights must have the shape (Z, T)");
    const std::size_t square = static_cast<std::size_t>(tiles) * tiles;
    require(right.size() == square && below.size() == square,
            "solve(): allowed must have the shape (2, T, T)");
    for (std::size_t zone = 0; zone < weights_.size(); zone += tiles_) {
        std::int64_t sum = 0;
        for (int tile = 0; tile < tiles; ++tile) {
            require(weights_[zone + tile] >= 1, "solve(): every weight must be at least 1");
            sum += weights_[zone + tile];
        }
        require(sum <= std::numeric_limits<std::int32_t>::max(),
                "solve(): the weights must sum to less than 2**31");
    }
    for (const std::int32_t weight : weights_) {
        weight_logs_.push_back(weight * log2_fixed(static_cast<std::uint32_t>(weight)));
    }
    all_.assign(words_, 0);
    for (int tile = 0; tile < tiles; ++tile) {
        insert(all_.data(), tile);
    }
    for (int direction = 0; direction < kDirections; ++direction) {
        const std::vector<std::uint8_t>& table = direction % 2 == 0 ? right : below;
        std::vector<Word>& rows = rows_[direction];
        rows.assign(static_cast<std::size_t>(tiles) * words_, 0);
        for (int a = 0; a < tiles; ++a) {
            for (int b = 0; b < tiles; ++b) {
                if (table[static_cast<std::size_t>(a) * tiles + b]) {
                    direction < 2 ? insert(&rows[static_cast<std::size_t>(a) * words_], b)
                                  : insert(&rows[static_cast<std::size_t>(b) * words_], a);
                }
            }
        }
        if (tiles > kMaxTilesOfUnions) {
            continue;
        }
        std::vector<Word>& unions = unions_[direction];
        unions.assign(static_cast<std::size_t>(nibbles_) * 16 * words_, 0);
        for (int tile = 0; tile < tiles; ++tile) {
            for (int bits = 0; bits < 16; ++bits) {
                if (bits >> (tile % 4) & 1) {
                    for (int word = 0; word < words_; ++word) {
                        unions[static_cast<std::size_t>(tile / 4 * 16 + bits) * words_ + word] |=
                            rows[static_cast<std::size_t>(tile) * words_ + word];
                    }
                }
            }
        }
    }
}

}  // namespace tilewright::level
