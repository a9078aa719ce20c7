#include "core/picture_codes.h"

#include <algorithm>

namespace tilewright {
namespace {

/// The bit of a hash that a pixel takes. Neighbours, and rows at a distance of 8, take different ones.
std::size_t place(std::size_t y, std::size_t x) { return (x + 3 * y + 3 * (y / 8)) % 16; }

std::size_t count_bits(std::uint64_t word) {
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return static_cast<std::size_t>(word * 0x0101010101010101u >> 56);
}

}  // namespace

void PictureCodes::write_form(const std::uint8_t* picture, std::size_t top, std::size_t left, bool mirrored,
                              std::uint64_t* code) const {
    std::fill_n(code, words(), 0);
    const std::size_t half = 64 * words();
    std::size_t bit = 0;
    for (std::size_t y = 0; y < height; ++y) {
        const std::uint8_t* const row = picture + (top + y) % height * width;
        std::size_t from = left;
        for (std::size_t x = 0; x < width; ++x, ++bit) {
            const std::uint64_t set = hashes[row[from]] >> place(y, x) & 1;
            const std::size_t at = bit < half ? bit : bit - half;
            code[at / 64] ^= set << at % 64;
            from = mirrored ? (from == 0 ? width : from) - 1 : (from + 1 == width ? 0 : from + 1);
        }
    }
}

void PictureCodes::write(const std::uint8_t* picture, std::uint64_t* codes) const {
    write_form(picture, 0, 0, false, codes);
    if (!holes) {
        write_form(picture, 0, width - 1, true, codes + words());
        return;
    }
    std::size_t top = height, left = width, right = 0;
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            if (picture[y * width + x] != 0) {
                top = std::min(top, y);
                left = std::min(left, x);
                right = std::max(right, x);
            }
        }
    }
    if (top == height) {  // no opaque pixel
        top = left = 0;
        right = width - 1;
    }
    write_form(picture, top, left, false, codes + words());
    write_form(picture, top, right, true, codes + 2 * words());
}

void PictureCodes::count(const std::uint8_t* picture, std::size_t entries, std::int32_t* figures) const {
    std::array<std::int32_t, 256> of_entry{};
    std::int32_t orphans = 0;
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            const std::uint8_t entry = picture[y * width + x];
            ++of_entry[entry];
            if (holes && entry == 0) {
                continue;
            }
            const std::size_t bottom = std::min(y + 2, height), right = std::min(x + 2, width);
            int same = 0;  // with the pixel itself
            for (std::size_t beside = y ? y - 1 : 0; beside < bottom; ++beside) {
                for (std::size_t across = x ? x - 1 : 0; across < right; ++across) {
                    same += picture[beside * width + across] == entry;
                }
            }
            orphans += same == 1;
        }
    }
    figures[0] = static_cast<std::int32_t>(pixels()) - (holes ? of_entry[0] : 0);
    figures[1] = static_cast<std::int32_t>(std::count_if(of_entry.begin() + holes, of_entry.end(),
                                                         [](std::int32_t number) { return number > 0; }));
    figures[2] = orphans;
    std::copy_n(of_entry.begin(), entries, figures + kStatistics);
}

bool PictureCodes::is_near(const std::uint64_t* codes, const std::uint64_t* known, std::size_t count,
                           std::size_t limit) const {
    const std::size_t length = words(), kept = forms() - 1;
    const auto alike = [&](const std::uint64_t* code, const std::uint64_t* other) {
        std::size_t differ = 0;
        for (std::size_t word = 0; word < length && differ <= limit; ++word) {
            differ += count_bits(code[word] ^ other[word]);
        }
        return differ <= limit;
    };
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t form = 0; form <= kept; ++form) {
            if (alike(codes + form * length, known + (i * kept + std::min(form, kept - 1)) * length)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace tilewright
