#pragma once

#include "core/backend.h"

namespace tilewright::scalar {

void embed(const ops::Embed& op, const Operands& operands);
void concat(const ops::Concat& op, const Operands& operands);
void dense(const ops::Dense& op, const Operands& operands);
void conv2d(const ops::Conv2d& op, const Operands& operands);
void conv_transpose2d(const ops::ConvTranspose2d& op, const Operands& operands);
void scores(const ops::Scores& op, const Operands& operands);
void argmax(const ops::Argmax& op, const Operands& operands);
void lookup(const ops::Lookup& op, const Operands& operands);
void add(const ops::Add& op, const Operands& operands);
void nearest(const ops::Nearest& op, const Operands& operands);

/// Bytes of scratch that the kernel of `op` wants.
std::size_t scratch_bytes(const ops::Op& op);

}  // namespace tilewright::scalar
