#pragma once

// AMX instructions as plain functions, written from the processor's manual, for processors without AMX.
// Included before csrc/cpu/amx.cpp if TILEWRIGHT_AMX_STAND_IN is on.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace tilewright::amx {
namespace {

/// The configuration that LDTILECFG reads: the row length in bytes and the number of rows of each tile.
struct Configuration {
    std::uint8_t palette, start_row;
    std::uint8_t reserved[14];
    std::uint16_t row_bytes[16];
    std::uint8_t rows[16];
};

constexpr int kRow = 64;
constexpr int kTile = 16 * kRow;

thread_local Configuration configuration;
thread_local std::uint8_t tiles[8][kTile];

inline void load_configuration(const void* from) {
    __builtin_memcpy(&configuration, from, sizeof(configuration));
    __builtin_memset(tiles, 0, sizeof(tiles));
}

/// Overwrites the tiles, so that a read after the release is noticed.
inline void release() { __builtin_memset(tiles, 0xA5, sizeof(tiles)); }

inline void load(int tile, const void* from, std::ptrdiff_t stride) {
    __builtin_memset(tiles[tile], 0, kTile);
    for (int row = 0; row < configuration.rows[tile]; ++row) {
        __builtin_memcpy(tiles[tile] + row * kRow, static_cast<const std::uint8_t*>(from) + row * stride,
                         configuration.row_bytes[tile]);
    }
}

inline void store(int tile, void* to, std::ptrdiff_t stride) {
    for (int row = 0; row < configuration.rows[tile]; ++row) {
        __builtin_memcpy(static_cast<std::uint8_t*>(to) + row * stride, tiles[tile] + row * kRow,
                         configuration.row_bytes[tile]);
    }
}

/// TDPBUSD: sums[m][n] += the products of the four unsigned bytes of a[m][k] and the four signed bytes of
/// b[k][n].
inline void multiply_add(int sums, int a, int b) {
    for (int m = 0; m < configuration.rows[sums]; ++m) {
        for (int n = 0; n < configuration.row_bytes[sums] / 4; ++n) {
            std::uint8_t* const place = tiles[sums] + m * kRow + 4 * n;
            std::uint32_t sum;  // wraps around
            __builtin_memcpy(&sum, place, sizeof(sum));
            for (int k = 0; k < configuration.row_bytes[a] / 4; ++k) {
                for (int i = 0; i < 4; ++i) {
                    const int x = tiles[a][m * kRow + 4 * k + i];
                    const int w = static_cast<std::int8_t>(tiles[b][k * kRow + 4 * n + i]);
                    sum += static_cast<std::uint32_t>(x * w);
                }
            }
            __builtin_memcpy(place, &sum, sizeof(sum));
        }
    }
}

}  // namespace
}  // namespace tilewright::amx

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbusd
#define _tile_loadconfig(from) tilewright::amx::load_configuration(from)
#define _tile_release() tilewright::amx::release()
#define _tile_loadd(tile, from, stride) tilewright::amx::load(tile, from, stride)
#define _tile_stored(tile, to, stride) tilewright::amx::store(tile, to, stride)
#define _tile_dpbusd(sums, a, b) tilewright::amx::multiply_add(sums, a, b)
