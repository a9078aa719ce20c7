#include <immintrin.h>

#include "cpu/convolve.h"
#include "cpu/kernels.h"
#include "cpu/peak.h"
#include "cpu/simd_avx512.h"

// AMX: a tile register holds 16 rows of 64 bytes. One instruction multiplies 16 points by 64 input channels with 64
// input channels by 16 output channels and adds the products to 16 x 16 sums, exactly. Packed weights (layer.cpp) are
// what it wants already: a row per broadcast word. Sums leave through memory, and go on as those of VNNI do.

namespace tilewright::cpu {
namespace {

constexpr int kRows = 16;
constexpr int kSumsPerTile = 16 * 16;
constexpr int kQuad = 4;  // points that one call of the functions that store takes

struct alignas(64) TileConfiguration {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

void configure_tiles() {
    const TileConfiguration configuration;
    // GCC takes only the first eight bytes for the instruction's operand, and would not write the others in time.
    asm volatile("" : : "r"(&configuration) : "memory");
    _tile_loadconfig(&configuration);
}

/// Sums of 16 points under the taps of a set: tiles 0 to 3 for V registers of channels, 4 and 5 for activations,
/// 6 and 7 for weights.
template <int V>
[[gnu::always_inline]] inline void multiply_tiles(const std::uint8_t* points, std::ptrdiff_t point_bytes,
                                                  const TapSet& set, const std::int32_t* bias,
                                                  const std::uint8_t* weights, int chunks, std::ptrdiff_t tiles) {
    constexpr std::ptrdiff_t kRow = std::ptrdiff_t{64} * V;
    constexpr std::ptrdiff_t kChunk = 16 * kRow;
    // A stride of 0 loads the biases into every row.
    _tile_loadd(0, bias, 0);
    if constexpr (V > 1) _tile_loadd(1, bias + 16, 0);
    if constexpr (V > 2) _tile_loadd(2, bias + 32, 0);
    if constexpr (V > 3) _tile_loadd(3, bias + 48, 0);
    for (int t = 0; t < set.count; ++t) {
        const std::uint8_t* from = points + set.taps[t].input * tiles;
        const std::uint8_t* weight = weights + set.taps[t].weights * (chunks * kChunk);
        for (int chunk = 0; chunk < chunks; ++chunk, from += 64, weight += kChunk) {
            _tile_loadd(4, from, point_bytes);
            _tile_loadd(6, weight, kRow);
            _tile_dpbusd(0, 4, 6);
            if constexpr (V > 1) {
                _tile_loadd(7, weight + 64, kRow);
                _tile_dpbusd(1, 4, 7);
            }
            if constexpr (V > 2) {
                _tile_loadd(6, weight + 128, kRow);
                _tile_dpbusd(2, 4, 6);
            }
            if constexpr (V > 3) {
                _tile_loadd(7, weight + 192, kRow);
                _tile_dpbusd(3, 4, 7);
            }
        }
    }
}

template <int V>
[[gnu::always_inline]] inline void store_tiles(std::int32_t* sums) {
    _tile_stored(0, sums, 64);
    if constexpr (V > 1) _tile_stored(1, sums + kSumsPerTile, 64);
    if constexpr (V > 2) _tile_stored(2, sums + 2 * kSumsPerTile, 64);
    if constexpr (V > 3) _tile_stored(3, sums + 3 * kSumsPerTile, 64);
}

/// What becomes of the sums of 16 points.
template <int V>
void finish(const Convolution& c, const Phase& phase, const Columns& columns, const std::int32_t* sums,
            const std::int32_t* outputs) {
    for (int row = 0; row < kRows; row += kQuad) {
        Vnni::Sums registers[kQuad * V];
        TILEWRIGHT_UNROLL for (int r = 0; r < kQuad; ++r) {
            TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
                registers[r * V + v] = Vnni::load_sums(sums + v * kSumsPerTile + (row + r) * 16);
            }
        }
        if (c.grouped) {
            store_groups<Vnni, kQuad, V>(c, registers, phase, outputs + 4 * row, kQuad);
        } else if (c.result == Result::kBytes) {
            store_bytes<Vnni, kQuad, V>(c, registers, columns.first, phase, outputs + row, kQuad);
        } else if (c.result == Result::kSums) {
            store_sums<Vnni, kQuad, V>(c, registers, columns.first, outputs + row, kQuad);
        } else {
            store_argmax<Vnni, kQuad, V>(c, registers, outputs + row, kQuad);
        }
    }
}

template <int V>
void convolve_tiles(const Convolution& c, const Columns& columns) {
    alignas(64) std::int32_t sums[V * kSumsPerTile];
    const Schedule& schedule = c.schedules[2];
    const std::uint8_t* const input = static_cast<const std::uint8_t*>(c.input);
    const int chunks = c.tap_words / 16;
    for (int p = 0; p < c.phase_count; ++p) {
        const Phase& phase = c.phases[p];
        const std::uint8_t* weights = phase.weights + columns.weights;
        for (int block = 0; block < schedule.blocks; ++block) {
            const TapSet& set = phase.tap_sets[schedule.classes[block]];
            multiply_tiles<V>(input + schedule.inputs[block * kRows], c.input_stride, set,
                              set.bias + columns.first * 16, weights, chunks, c.tiles);
            store_tiles<V>(sums);
            finish<V>(c, phase, columns, sums, schedule.outputs + block * (c.grouped ? 4 * kRows : kRows));
        }
    }
}

void convolve_with_tiles(const Convolution& c) {
    if (!c.schedules[2].regular) {
        convolve<Vnni>(c);
        return;
    }
    configure_tiles();
    for (int i = 0; i < c.column_count; ++i) {
        const Columns& columns = c.columns[i];
        switch (columns.vectors) {
            case 1:
                convolve_tiles<1>(c, columns);
                break;
            case 2:
                convolve_tiles<2>(c, columns);
                break;
            case 3:
                convolve_tiles<3>(c, columns);
                break;
            default:
                convolve_tiles<4>(c, columns);
                break;
        }
    }
    _tile_release();
}

double measure_tile_peak() {
    constexpr int kRounds = 20000;
    alignas(64) static const std::uint8_t ones[1024] = {1};
    configure_tiles();
    _tile_loadd(4, ones, 64);
    _tile_loadd(6, ones, 64);
    double best = 0;
    for (int run = 0; run < 3; ++run) {
        const double began = seconds_now();
        for (int round = 0; round < kRounds; ++round) {
            _tile_dpbusd(0, 4, 6);
            _tile_dpbusd(1, 4, 6);
            _tile_dpbusd(2, 4, 6);
            _tile_dpbusd(3, 4, 6);
        }
        const double speed = 4.0 * kRounds * 16 * 16 * 64 / (seconds_now() - began);
        best = speed > best ? speed : best;
    }
    _tile_release();
    return best;
}

}  // namespace

const Kernels& amx_kernels() {
    static constexpr Kernels kKernels = {"amx", Vnni::kLanes, Vnni::kWord, Vnni::kMostVectors, 16, true,
                                         convolve_with_tiles, measure_tile_peak};
    return kKernels;
}

}  // namespace tilewright::cpu
