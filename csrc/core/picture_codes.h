#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tilewright {

constexpr std::size_t kStatistics = 3;  ///< opaque pixels, colours, orphans

/// Describes pictures of palette entries, so that copies of known pictures can be found among them.
///
/// A code has a bit for each two pixels that are half a code apart: the exclusive or of one bit each of the
/// hashes of their entries, which depends on the place. The forms of a picture are: as it is; with holes,
/// moved so that its opaque pixels begin in the first row and column, cyclically; and the mirror image of the
/// last of these.
struct PictureCodes {
    std::size_t height;
    std::size_t width;
    bool holes;                               ///< entry 0 is transparent
    std::array<std::uint16_t, 256> hashes{};  ///< of each entry

    std::size_t pixels() const { return height * width; }
    std::size_t words() const { return (pixels() + 127) / 128; }
    std::size_t forms() const { return holes ? 3 : 2; }

    /// Writes the codes of a picture: (forms, words).
    void write(const std::uint8_t* picture, std::uint64_t* codes) const;

    /// Writes the numbers of opaque pixels, of colours, and of opaque pixels that share their entry with none
    /// of their up to eight neighbours, then the number of pixels of each entry: (kStatistics + entries).
    void count(const std::uint8_t* picture, std::size_t entries, std::int32_t* figures) const;

    /// Whether a code differs in at most `limit` bits from that of one of `count` known pictures, (count,
    /// forms - 1, words). The mirror image is compared with the last of their forms.
    bool is_near(const std::uint64_t* codes, const std::uint64_t* known, std::size_t count,
                 std::size_t limit) const;

  private:
    void write_form(const std::uint8_t* picture, std::size_t top, std::size_t left, bool mirrored,
                    std::uint64_t* code) const;
};

}  // namespace tilewright
