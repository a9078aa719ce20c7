#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/interrupt.h"

#if defined(__CUDACC__)
#define TILEWRIGHT_HOST_DEVICE __host__ __device__
#else
#define TILEWRIGHT_HOST_DEVICE
#endif

namespace tilewright {

/// Maps an sRGB channel to linear light in units of 2^-20, rounded (IEC 61966-2-1).
extern const std::int32_t kLinearLight[256];

/// A colour in OKLab (Ottosson, "A perceptual color space for image processing", 2020), in units of 2^-14.
struct Oklab {
    std::int32_t lightness;
    std::int32_t green_red;
    std::int32_t blue_yellow;
};

/// The integer part of the cube root of x, 0 .. 2^42.
TILEWRIGHT_HOST_DEVICE inline std::int64_t cube_root(std::int64_t x) {
    std::int64_t root = 0;
    for (std::int64_t bit = std::int64_t{1} << 14; bit > 0; bit >>= 1) {
        const std::int64_t next = root + bit;
        root = next * next * next <= x ? next : root;
    }
    return root;
}

/// Converts linear light to OKLab. All arithmetic is in integers, so the result is the same on every machine.
/// The matrices are those of the publication, in units of 2^-20 and 2^-16. Shifts round down.
TILEWRIGHT_HOST_DEVICE inline Oklab oklab(std::int64_t r, std::int64_t g, std::int64_t b) {
    const std::int64_t l = cube_root((432246 * r + 562385 * g + 53945 * b) >> 20 << 22);
    const std::int64_t m = cube_root((222197 * r + 713765 * g + 112614 * b) >> 20 << 22);
    const std::int64_t s = cube_root((92592 * r + 295404 * g + 660580 * b) >> 20 << 22);
    return {static_cast<std::int32_t>((13792 * l + 52011 * m - 267 * s) >> 16),
            static_cast<std::int32_t>((129630 * l - 159160 * m + 29530 * s) >> 16),
            static_cast<std::int32_t>((1698 * l + 51300 * m - 52998 * s) >> 16)};
}

/// Squared distance; below 2^31.
TILEWRIGHT_HOST_DEVICE inline std::int32_t distance(const Oklab& a, const Oklab& b) {
    const std::int32_t lightness = a.lightness - b.lightness;
    const std::int32_t green_red = a.green_red - b.green_red;
    const std::int32_t blue_yellow = a.blue_yellow - b.blue_yellow;
    return lightness * lightness + green_red * green_red + blue_yellow * blue_yellow;
}

/// Converts colours (count, 4) to OKLab. Alpha is ignored.
std::vector<Oklab> to_oklab(const std::uint8_t* colours, std::size_t count);

/// Replaces each colour by the nearest entry of the palette in OKLab, or copies it if its alpha is below 128.
/// Ties select the lowest entry. colours, rgba: (count, 4). palette: (entries, 4), with 1 to 256 entries.
void remap(const std::uint8_t* colours, std::size_t count, const std::uint8_t* palette, std::size_t entries,
           std::uint8_t* rgba, Interrupt* interrupt = nullptr);

}  // namespace tilewright
