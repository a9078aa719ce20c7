#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/plan.h"
#include "ops/op.h"

namespace tilewright {

/// Where one step of one tile reads and writes.
struct Operands {
    std::array<const std::uint8_t*, kMaxInputs> inputs;
    std::uint8_t* output;
    std::uint8_t* scratch;  ///< scratch_bytes(op) bytes, aligned to kAlignment, with no content to rely on
    std::int32_t kind;
};

template <typename Op>
using Kernel = void (*)(const Op& op, const Operands& operands);

/// A backend is a table of functions, each bound by its op's contract in csrc/ops to the last bit. The
/// plan was checked, so kernels assume valid operands.
struct Backend {
    const char* name;
    std::size_t (*scratch_bytes)(const ops::Op& op);
    Kernel<ops::Embed> embed;
    Kernel<ops::Concat> concat;
    Kernel<ops::Dense> dense;
    Kernel<ops::Conv2d> conv2d;
    Kernel<ops::ConvTranspose2d> conv_transpose2d;
    Kernel<ops::Scores> scores;
    Kernel<ops::Argmax> argmax;
    Kernel<ops::Lookup> lookup;
    Kernel<ops::Add> add;
    Kernel<ops::Nearest> nearest;
};

}  // namespace tilewright
