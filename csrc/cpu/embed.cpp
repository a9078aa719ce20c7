#include "ops/embed.h"

#include <algorithm>

#include "cpu/kernels.h"

namespace tilewright::scalar {

void embed(const ops::Embed& op, const Operands& operands) {
    std::copy_n(op.table.data() + static_cast<std::ptrdiff_t>(operands.kind) * op.width, op.width,
                operands.output);
}

}  // namespace tilewright::scalar
