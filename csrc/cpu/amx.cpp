#include <immintrin.h>

#include "cpu/make_kernels.h"
#include "cpu/simd_avx512.h"

// AMX: a tile register holds 16 rows of 64 bytes. One instruction multiplies 16 points x 64 input channels by
// 64 input channels x 16 output channels and adds the products to 16 x 16 sums, exactly. Packed weights
// (layer.cpp) have the required layout: a row per broadcast word. Sums are stored to memory and continue in
// the VNNI epilogue.

namespace tilewright::cpu {
namespace {

constexpr int kRows = 16;
constexpr int kSumsPerTile = 16 * 16;
constexpr int kQuad = 4;  // points per call of the storing functions

struct alignas(64) TileConfiguration {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

void configure_tiles() {
    const TileConfiguration configuration;
    // GCC declares only the first eight bytes as the instruction's operand, and might not write the others in
    // time.
    asm volatile("" : : "r"(&configuration) : "memory");
    _tile_loadconfig(&configuration);
}

/// Sums of 16 or 32 points whose epilogue runs while the tile unit computes the next ones.
struct Waiting {
    const std::int32_t* sums;  ///< a tile for each 16 points and register of channels
    const std::int32_t* outputs;
    const Phase* phase;
    int row;  ///< next row for the epilogue
    int rows;
};

/// Runs the epilogue of the next four waiting points.
template <int V>
[[gnu::always_inline]] inline void finish_four(const Convolution& c, const ChannelGroup& columns,
                                               Waiting& waiting) {
    if (waiting.row == waiting.rows) {
        return;
    }
    const std::int32_t* sums =
        waiting.sums + waiting.row / kRows * (V * kSumsPerTile) + waiting.row % kRows * 16;
    Vnni::Sums registers[kQuad * V];
    TILEWRIGHT_UNROLL for (int r = 0; r < kQuad; ++r) {
        TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
            registers[r * V + v] = Vnni::load_sums(sums + v * kSumsPerTile + r * 16);
        }
    }
    if (c.grouped) {
        store_groups<Vnni, kQuad, V>(c, registers, *waiting.phase, waiting.outputs + 4 * waiting.row, kQuad);
    } else if (c.result == Result::kBytes) {
        store_bytes<Vnni, kQuad, V>(c, registers, columns.first, *waiting.phase,
                                    waiting.outputs + waiting.row, kQuad);
    } else if (c.result == Result::kSums) {
        store_sums<Vnni, kQuad, V>(c, registers, columns.first, waiting.outputs + waiting.row, kQuad);
    } else {
        store_argmax<Vnni, kQuad, V>(c, registers, waiting.outputs + waiting.row, kQuad);
    }
    waiting.row += kQuad;
}

/// Computes the sums of M times 16 points for V registers of channels: tile m V + v. Tiles 4 and 5 hold
/// activations, 6 and 7 weights. Between two steps, which occupy the tile unit for 16 M V cycles, waiting
/// points are finished.
template <int M, int V>
[[gnu::always_inline]] inline void multiply_tiles(const Convolution& c, const ChannelGroup& columns,
                                                  const Phase& phase, const TapSet& set,
                                                  const std::uint8_t* const (&points)[M], Waiting& waiting) {
    static_assert(M * V <= 4 && (M == 1 || V <= 2), "there are eight tiles");
    constexpr std::ptrdiff_t kRow = std::ptrdiff_t{64} * V;
    constexpr std::ptrdiff_t kChunk = 16 * kRow;
    const int chunks = c.tap_words / 16;
    const std::uint8_t* weights = phase.weights + columns.weights;
    const std::int32_t* bias = set.bias + columns.first * 16;
    // With a stride of 0, every row receives the biases.
    _tile_loadd(0, bias, 0);
    if constexpr (V > 1) {
        _tile_loadd(1, bias + 16, 0);
    }
    if constexpr (V > 2) {
        _tile_loadd(2, bias + 32, 0);
    }
    if constexpr (M > 1 && V == 1) {
        _tile_loadd(1, bias, 0);
    }
    if constexpr (M > 1 && V == 2) {
        _tile_loadd(2, bias, 0);
        _tile_loadd(3, bias + 16, 0);
    }
    for (int t = 0; t < set.count; ++t) {
        const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(set.taps[t].input) * c.tiles;
        const std::uint8_t* weight = weights + set.taps[t].weights * (chunks * kChunk);
        for (int chunk = 0; chunk < chunks; ++chunk, weight += kChunk) {
            _tile_loadd(4, points[0] + offset + 64 * chunk, c.input_stride);
            _tile_loadd(6, weight, kRow);
            _tile_dpbusd(0, 4, 6);
            if constexpr (V > 1) {
                _tile_loadd(7, weight + 64, kRow);
                _tile_dpbusd(1, 4, 7);
            }
            if constexpr (M > 1) {
                _tile_loadd(5, points[1] + offset + 64 * chunk, c.input_stride);
                if constexpr (V == 1) {
                    _tile_dpbusd(1, 5, 6);
                } else {
                    _tile_dpbusd(2, 5, 6);
                    _tile_dpbusd(3, 5, 7);
                }
            }
            if constexpr (V > 2) {
                _tile_loadd(6, weight + 128, kRow);
                _tile_dpbusd(2, 4, 6);
            }
            finish_four<V>(c, columns, waiting);
        }
    }
}

template <int Tiles>
[[gnu::always_inline]] inline void store_tiles(std::int32_t* sums) {
    _tile_stored(0, sums, 64);
    if constexpr (Tiles > 1) {
        _tile_stored(1, sums + kSumsPerTile, 64);
    }
    if constexpr (Tiles > 2) {
        _tile_stored(2, sums + 2 * kSumsPerTile, 64);
    }
    if constexpr (Tiles > 3) {
        _tile_stored(3, sums + 3 * kSumsPerTile, 64);
    }
}

/// Processes one block of the schedule, or M blocks with common taps. Finishes waiting points, and leaves the
/// new sums waiting.
template <int M, int V>
[[gnu::always_inline]] inline void run_blocks(const Convolution& c, const ChannelGroup& columns,
                                              const Phase& phase, const Schedule& schedule, int block,
                                              std::int32_t* sums, Waiting& waiting) {
    const std::uint8_t* points[M];
    TILEWRIGHT_UNROLL for (int m = 0; m < M; ++m) {
        points[m] = static_cast<const std::uint8_t*>(c.input) + schedule.inputs[(block + m) * kRows];
    }
    multiply_tiles<M, V>(c, columns, phase, phase.tap_sets[schedule.classes[block]], points, waiting);
    while (waiting.row < waiting.rows) {
        finish_four<V>(c, columns, waiting);
    }
    store_tiles<M * V>(sums);
    waiting = {sums, schedule.outputs + block * (c.grouped ? 4 * kRows : kRows), &phase, 0, M * kRows};
}

template <int V>
void convolve_tiles(const Convolution& call, const ChannelGroup& columns) {
    constexpr int M = V <= 2 ? 2 : 1;
    const Convolution c = call;  // a local copy, which the stores below cannot alias
    const Schedule& schedule = c.amx_blocks;
    alignas(64) std::int32_t sums[2][M * V * kSumsPerTile];
    Waiting waiting{nullptr, nullptr, nullptr, 0, 0};
    int buffer = 0;
    for (int p = 0; p < c.phase_count; ++p) {
        for (int i = 0; i < schedule.blocks; buffer ^= 1) {
            const int block = schedule.chosen ? schedule.chosen[i] : i;
            const int last =
                i + M <= schedule.blocks ? (schedule.chosen ? schedule.chosen[i + M - 1] : i + M - 1) : -1;
            const bool together = last == block + M - 1 && schedule.classes[block] == schedule.classes[last];
            if (M > 1 && together) {
                run_blocks<M, V>(c, columns, c.phases[p], schedule, block, sums[buffer], waiting);
                i += M;
            } else {
                run_blocks<1, V>(c, columns, c.phases[p], schedule, block, sums[buffer], waiting);
                i += 1;
            }
        }
    }
    while (waiting.row < waiting.rows) {
        finish_four<V>(c, columns, waiting);
    }
}

/// Whether the requested blocks fill so little of AMX's larger blocks that VNNI is faster.
bool prefers_vnni(const Convolution& c) {
    constexpr int kTilesAhead = 4;  // approximate speed of AMX relative to VNNI
    int points = 0;
    for (int rows = 4; schedule_number(rows) < kSchedules; rows += 2) {
        points += c.schedules[c.columns[0].vectors - 1].by_rows[schedule_number(rows)].blocks * rows;
    }
    return c.amx_blocks.chosen && points * kTilesAhead < c.amx_blocks.blocks * kRows;
}

void convolve_with_tiles(const Convolution& c) {
    if (!c.amx_blocks.regular || prefers_vnni(c)) {
        convolve<Vnni>(c);
        return;
    }
    configure_tiles();
    for (int i = 0; i < c.column_count; ++i) {
        const ChannelGroup& columns = c.columns[i];
        switch (columns.vectors) {
            case 1:
                convolve_tiles<1>(c, columns);
                break;
            case 2:
                convolve_tiles<2>(c, columns);
                break;
            default:
                convolve_tiles<3>(c, columns);
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
    static constexpr Kernels kKernels = [] {
        Kernels kernels = make_kernels<Vnni>("amx");
        kernels.tap_words = 16;
        kernels.uses_amx_tiles = true;
        kernels.convolve = convolve_with_tiles;
        kernels.measure_peak = measure_tile_peak;
        return kernels;
    }();
    return kKernels;
}

}  // namespace tilewright::cpu
