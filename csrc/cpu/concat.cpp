#include "ops/concat.h"

#include <algorithm>

#include "cpu/kernels.h"

namespace tilewright::scalar {

void concat(const ops::Concat& op, const Operands& operands) {
    std::uint8_t* y = operands.output;
    for (std::size_t i = 0; i < op.sizes.size(); ++i) {
        y = std::copy_n(operands.inputs[i], op.sizes[i], y);
    }
}

}  // namespace tilewright::scalar
