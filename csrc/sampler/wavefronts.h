#pragma once

#include <cstdint>
#include <vector>

#include "sampler/dependences.h"

namespace tilewright {

/// The cells that one evaluation fixes, as ascending row-major numbers.
using CellGroup = std::vector<std::int32_t>;

/// Returns the cells of an autoregressive picture in groups that one evaluation can fix.
///
/// Fixing group by group gives the same picture as fixing cells one by one in reading order: when a cell's
/// scores are evaluated, the earlier cells on which they depend are fixed, and the later ones are not. The
/// number of groups is minimal. Without dependences, or if the analysis would take too long, each cell is a
/// group.
std::vector<CellGroup> wavefronts(const std::vector<Dependence>& stages, int height, int width);

}  // namespace tilewright
