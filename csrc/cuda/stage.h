#pragma once

#include <cstdint>

#include "core/source.h"

// What the kernel reads of a plan: plain structs of numbers and pointers into the device's memory. Everything
// that makes plans differ is decided by the host when a plan is prepared (plan_layout.cpp, packed_layer.cpp,
// program.cpp).

namespace tilewright::cuda {

constexpr int kWarpThreads = 32;
constexpr int kWarps = 8;  ///< of a block
constexpr int kThreads = kWarps * kWarpThreads;
constexpr int kChunk =
    16;  ///< bytes of a row of a matrix; the channels that a multiplication reads come in these
constexpr int kRows = 16;       ///< points of a matrix
constexpr int kStepChunks = 2;  ///< chunks that one multiplication sums over

/// Division by a number that is known beforehand: n / divisor = n * multiplier >> (31 + shift), for n below
/// 2^31.
struct Divisor {
    std::uint32_t divisor;
    std::uint32_t multiplier;
    std::uint32_t shift;
};

/// Where a value of a block's T tiles lies in the block's arena: cell after cell, tile after tile. Indices
/// take a byte a cell, sums four a channel, anything else whole words. A cell that a multiplication reads is
/// a number of whole chunks, in an order that depends on the cell, so that eight neighbouring cells' chunks
/// lie in different banks of shared memory: chunk c of cell i stands at c ^ (i >> shift & mask).
struct Place {
    std::uint32_t offset;
    std::int32_t cell_bytes;
    std::int32_t shift;
    std::int32_t mask;
    std::int32_t channels;
    std::int32_t height;
    std::int32_t width;
    std::int32_t cells;
};

/// A position of a kernel, in cells from the point. Where the map wraps, both are 0 or more and below its
/// size.
struct Tap {
    std::int32_t dy;
    std::int32_t dx;
};

/// One set of weights. Weights stand in the order in which they are read: step, column, lane of the warp, 16
/// bytes.
struct Phase {
    const std::uint8_t* weights;
    const std::int32_t* bias;  ///< (columns, 16)
    const float* multiplier;   ///< (columns, 16)
    const Tap* taps;
    std::int32_t tap_count;  ///< 1 or more
    std::int32_t steps;      ///< multiplications along the sum
    std::int32_t out_y;      ///< the output cell, from the point's
    std::int32_t out_x;
};

/// add: two scales, or where both are 1 integers.
struct Addition {
    float scale_a;
    float scale_b;
    std::int32_t zero_a;
    std::int32_t zero_b;
    std::int32_t zero_out;
};

enum class Kind : std::int32_t {
    kLayer,       ///< requantised, perhaps looked up, perhaps added to another branch
    kSums,        ///< a layer whose int32 sums are kept
    kArgmax,      ///< a layer of which only the channel of the greatest sum is kept
    kDraw,        ///< a layer whose sums and noise choose the cells that an evaluation fixes
    kEmbed,       ///< a row of a table for each tile
    kEmbedCells,  ///< a row of a table for each cell
    kCopy,        ///< a part of a concatenation
    kSlice,       ///< some features, channel by channel
    kLookup,
    kAdd,
    kSelect,  ///< argmax of a stored value
    kNearest,
};

/// A layer with weights: a product of matrices whose rows are points and whose columns are output channels. A
/// warp takes row_tiles * 16 points and `columns_at_once` * 16 channels at a time.
struct Layer {
    const Phase* phases;
    std::int32_t phase_count;
    std::int32_t chunks;   ///< of an input cell
    std::int32_t columns;  ///< chunks of output channels, or of a group's lanes
    std::int32_t lanes;    ///< output channels that are real
    std::int32_t points;   ///< of a block
    std::int32_t row_tiles;
    std::int32_t columns_at_once;
    std::int32_t row_groups;
    std::int32_t column_groups;
    Divisor tile_points;
    Divisor row_points;
    std::int32_t in_origin;
    std::int32_t in_step;
    std::int32_t out_origin;
    std::int32_t out_step;
    std::int32_t wraps;
    std::int32_t grouped;  ///< the 16 lanes of a point are 4 channels of 2x2 output cells
    std::uint32_t border;  ///< a cell of the arena that holds what lies outside the map
    std::int32_t table;    ///< 256 bytes of the arena, rotated by zero_out; -1: none
    std::int32_t zero_out;
    std::int32_t adds;        ///< the other branch joins: own + other + add_offset, clamped to a byte
    std::int32_t add_offset;  ///< what the three zero points of an addition of integers come to
};

/// What a step without weights needs beside its places.
struct Pointwise {
    const std::uint8_t* table;  ///< rows of whole words
    std::int32_t row_bytes;
    std::int32_t entries;  ///< rows for each kind
    std::int32_t first;    ///< channel of the output where a copy begins, of the input where a slice does
    std::int32_t int32;    ///< select: the input holds int32
    Addition addition;
};

struct Stage {
    Kind kind;
    Place in;
    Place out;
    Place other;  ///< the second input: another branch, the palette of kNearest, or the cells of kEmbedCells
    Layer layer;
    Pointwise pointwise;
};

/// An input of the plan.
struct Input {
    Source source;
    Place place;
    std::int32_t first;  ///< number of its first latent
};

/// An output in global memory: `bytes` per tile, starting at `prefix` times the capacity (Call::results).
struct Result {
    Place place;
    std::int32_t element_bytes;
    std::int32_t bytes;
    std::int64_t prefix;
};

/// How a step network is evaluated again and again. Without one, steps is 1 and the rest unused.
struct Sampling {
    std::int32_t steps;
    std::int32_t masked;
    std::int32_t colours;
    Place cells;
    std::uint32_t words;  ///< of the arena: a random word for each cell, while the order is made
    std::uint32_t ranks;  ///< of the arena: when a cell's turn comes
    const std::int32_t* noise;
};

/// A plan, laid out for blocks of `tiles` tiles.
struct BlockPlan {
    const Stage* stages;
    const Input* inputs;
    const Result* results;
    const std::uint8_t* constants;  ///< what the head of the arena holds: borders and tables
    const std::int8_t* latent_table;
    std::uint8_t* arenas;  ///< one after another, where they are not in shared memory
    std::int32_t stage_count;
    std::int32_t input_count;
    std::int32_t result_count;
    std::int32_t constant_bytes;
    std::uint32_t arena_bytes;
    std::int32_t tiles;
    std::int32_t kinds;
    std::int32_t latent_size;
    Sampling sampling;
};

/// One launch: tiles start, start + 1, ... of a seed.
struct Call {
    BlockPlan plan;
    std::uint64_t seed;
    std::uint64_t start;
    std::int32_t count;
    std::int32_t kind;           ///< of all tiles; -1: each has its own
    const std::int32_t* kinds;   ///< (count), or null: drawn
    const std::int8_t* latents;  ///< (count, latent_size), or null: drawn
    std::uint8_t* results;       ///< of tile i at prefix * capacity + (first + i) * bytes
    std::int64_t capacity;
    std::int64_t first;
};

}  // namespace tilewright::cuda
