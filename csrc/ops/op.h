#pragma once

#include <variant>

#include "ops/add.h"
#include "ops/argmax.h"
#include "ops/concat.h"
#include "ops/conv2d.h"
#include "ops/conv_transpose2d.h"
#include "ops/dense.h"
#include "ops/embed.h"
#include "ops/embed_cells.h"
#include "ops/lookup.h"
#include "ops/nearest.h"
#include "ops/scores.h"
#include "ops/slice.h"

namespace tilewright::ops {

/// Any op. A new op must be added here, to check_plan and to every backend; the compiler reports missing
/// cases.
using Op = std::variant<Embed, EmbedCells, Concat, Slice, Dense, Conv2d, ConvTranspose2d, Scores, Argmax,
                        Lookup, Add, Nearest>;

inline const char* name_of(const Op& op) {
    return std::visit([](const auto& alternative) { return alternative.kName; }, op);
}

}  // namespace tilewright::ops
