#include "ops/lookup.h"

#include "cpu/kernels.h"

namespace tilewright::scalar {

void lookup(const ops::Lookup& op, const Operands& operands) {
    for (std::size_t i = 0; i < op.size; ++i) {
        operands.output[i] = op.table[operands.inputs[0][i]];
    }
}

}  // namespace tilewright::scalar
