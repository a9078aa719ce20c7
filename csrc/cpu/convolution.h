#pragma once

#include <cstddef>
#include <cstdint>

// The kernels' view of a layer with weights: plain pointers and numbers, because kernels are compiled for
// processors that the rest of the engine must not require.

namespace tilewright::cpu {

/// One position of the kernel: its input relative to the output cell, and its weights.
struct Tap {
    std::int32_t input;    ///< offset in elements for one tile; multiply by T for T tiles
    std::int32_t weights;  ///< number of the tap among all taps of its phase
};

/// The taps that lie inside the map for some cells. Taps in the border are not multiplied; the bias includes
/// them.
struct TapSet {
    const Tap* taps;
    int count;
    const std::int32_t* bias;  ///< (padded output channels)
};

/// A group of consecutive output channels, which starts at `first` and takes `vectors` registers.
struct ChannelGroup {
    int first;
    int vectors;
    std::ptrdiff_t weights;  ///< bytes from the phase's weights to this group's
};

/// Points (positions of tiles) in blocks of equal size.
struct Schedule {
    int blocks;
    const std::int32_t* chosen;  ///< (blocks) the blocks to run; null: all
    const std::int32_t* inputs;  ///< (blocks, rows) elements; a block with fewer points repeats its last
    const std::int32_t*
        outputs;  ///< (blocks, rows) elements; (blocks, rows, 4) if points compute groups of cells
    const std::int32_t* classes;  ///< (blocks): tap set of the block
    const std::int32_t* valid;    ///< (blocks): points in the block
    bool regular;                 ///< all blocks are full, and consecutive points are one input cell apart
};

/// Index of the schedule for blocks of `rows` points: 4, 6, 8, ... 16.
static constexpr int schedule_number(int rows) { return rows / 2 - 2; }
constexpr int kSchedules = 7;

/// Returns the next smaller block size, a multiple of four, or 0.
static constexpr int smaller_block(int rows) { return (rows - 1) / 4 * 4; }

/// All points of a call, divided into blocks of several sizes.
struct Schedules {
    Schedule by_rows[kSchedules];
};

/// The result of a block of sums.
enum class Result {
    kBytes,   ///< requantised, perhaps with a fused lookup and addition
    kSums,    ///< int32
    kArgmax,  ///< the channel of the maximum
};

/// How two branches are added.
struct Addition {
    const void* other;  ///< the other branch, in the layout of the output; null: no addition
    bool integers;      ///< both scales are 1: output = clamp(other + own - own zero)
    float scale_own;
    float scale_other;
    std::uint8_t zero_own;
    std::uint8_t zero_other;
    std::uint8_t zero_out;
};

/// A set of weights that is applied to every point and writes separate cells: one for a convolution, four for
/// a transposed convolution, one per output cell for a dense layer that computes a map.
struct Phase {
    const TapSet* tap_sets;
    const std::uint8_t* weights;
    std::int32_t output;  ///< offset in elements, for one tile, from the point's output to that of this phase
    const float* multiplier;  ///< (padded output channels)
};

struct Convolution {
    // Constant over all calls.
    const Phase* phases;
    int phase_count;
    const ChannelGroup* columns;
    int column_count;
    int words;                    ///< broadcast words of input channels per tap
    int tap_words;                ///< the same, padded: distance between taps in words of weights
    std::ptrdiff_t input_stride;  ///< elements between cells of consecutive tiles: padded input channels
    Result result;
    bool grouped;  ///< a point's 16 lanes are 4 channels of 2x2 output cells
    std::uint8_t zero_out;
    bool clamp;                 ///< a product may leave int32
    const std::uint8_t* table;  ///< 256 bytes, or null
    // Of this call.
    const void* input;
    void* output;
    int tiles;
    bool in_quads;               ///< the results of points 4 i to 4 i + 3 are adjacent
    const Schedules* schedules;  ///< (kMostVectors): for groups of 1, 2, ... registers
    Schedule amx_blocks;         ///< for AMX: all points in blocks of 16
    Addition addition;
};

constexpr int kMostVectors = 4;

}  // namespace tilewright::cpu
