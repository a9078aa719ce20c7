#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/check_plan.h"
#include "core/interrupt.h"
#include "cpu/layout.h"
#include "ops/op.h"
#include "sampler/step_network.h"

namespace tilewright::cpu {

/// A value of a block of tiles in memory.
struct Operand {
    void* data;
    const Layout* layout;
    bool int32 = false;
};

/// One call of an op without weights, or of an op that is not fused.
struct PointwiseCall {
    std::array<Operand, kMaxInputs> inputs;
    std::size_t input_count;
    Operand output;
    int tiles;
    Interrupt* interrupt;              ///< may end the call early, or null
    const RequestedPoints* requested;  ///< points of the output to compute; null: all
};

/// Runs the op on values with elements of bytes (element_bytes 1) or of int16 that hold bytes (2).
void run_pointwise(const ops::Op& op, const PointwiseCall& call, int element_bytes);

/// Fills the halo of a map, `reach` cells on each side, with the zero point or the opposite edge.
void fill_border(const Operand& map, int tiles, const ops::Axes& reach, bool wraps, std::uint8_t zero,
                 int element_bytes);

/// Copies elements (tiles, elements of a tile without padding) into the layout, with `stride` bytes between
/// tiles. Bytes are widened to element_bytes; int32 values have four bytes each.
void spread(const std::uint8_t* from, std::size_t stride, const Operand& to, int tiles, int element_bytes);

/// Copies the elements of one tile from the layout, without padding.
void collect(const Operand& from, int tile, int tiles, int element_bytes, std::uint8_t* to);

}  // namespace tilewright::cpu
