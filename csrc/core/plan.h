#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/seeds.h"
#include "ops/op.h"

namespace tilewright {

/// Buffers start at multiples of this many bytes, so that every backend may use aligned loads.
constexpr std::size_t kAlignment = 64;

/// How many buffers a step may read.
constexpr std::size_t kMaxInputs = 16;

/// A tensor in a tile's arena: where it starts, and its shape without the batch axis.
struct Buffer {
    std::size_t offset;
    std::vector<std::int64_t> shape;
};

/// One op applied to buffers.
struct Step {
    ops::Op op;
    std::vector<Buffer> inputs;
    Buffer output;
};

/// Bytes of the arena that are handed to the caller when the last step is done.
struct Output {
    std::string name;
    std::size_t offset;
    std::size_t bytes;
};

/// What to execute for one tile: write the latents at latent_offset (uint8: the int8 latent plus 128), run
/// the steps in order, copy the outputs out. All of it happens in an arena of arena_bytes.
struct Plan {
    std::size_t arena_bytes = 0;
    std::size_t latent_size = 0;
    std::size_t latent_offset = 0;
    std::int32_t kinds = 1;
    LatentTable latent_table{};
    std::vector<Step> steps;
    std::vector<Output> outputs;
};

/// Bytes of a step's output. Call it on a checked plan only.
std::size_t output_bytes(const Step& step);

}  // namespace tilewright
