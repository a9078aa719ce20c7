#pragma once

#include <cstdint>
#include <vector>

#include "sampler/dependences.h"

namespace tilewright {

/// The cells that one evaluation fixes, by their row-major numbers, ascending.
using CellGroup = std::vector<std::int32_t>;

/// The cells of an autoregressive picture in groups, each of which one evaluation can fix.
///
/// Fixing group after group gives what fixing the cells one by one in reading order gives: when a cell's
/// scores are evaluated, the earlier cells that they depend on are fixed, and the later ones are not. The
/// groups are as few as that allows. Without dependences, or where following them would take long, each cell
/// is a group.
std::vector<CellGroup> wavefronts(const std::vector<Dependence>& stages, int height, int width);

}  // namespace tilewright
