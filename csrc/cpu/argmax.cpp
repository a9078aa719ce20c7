#include "ops/argmax.h"

#include <algorithm>

#include "cpu/kernels.h"

namespace tilewright::scalar {
namespace {

template <typename Score>
void argmax_rows(const ops::Argmax& op, const Score* x, std::uint8_t* y) {
    for (int p = 0; p < op.pixels; ++p, x += op.channels) {
        // max_element returns the first of equals, as the contract wants.
        y[p] = static_cast<std::uint8_t>(std::max_element(x, x + op.channels) - x);
    }
}

}  // namespace

void argmax(const ops::Argmax& op, const Operands& operands) {
    if (op.int32_scores) {
        argmax_rows(op, reinterpret_cast<const std::int32_t*>(operands.inputs[0]), operands.output);
    } else {
        argmax_rows(op, operands.inputs[0], operands.output);
    }
}

}  // namespace tilewright::scalar
