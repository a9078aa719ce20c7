#pragma once

#include <cstddef>
#include <vector>

#include "core/stages.h"
#include "sampler/cell_rows.h"

namespace tilewright {

/// Size limit for maps whose dependences are analysed.
constexpr int kMostDependentEdge = 512;

/// Limit for the row shifts of an analysis: a few seconds. The columns of frames of 24x32 pixels, 384x24
/// cells, need 4e8.
constexpr double kMostRowShifts = 1e9;

/// The cells that a stage of a step network reads to compute one of its cells.
struct Dependence {
    static constexpr int kPicture = -1;
    static constexpr int kNothing = -2;  ///< or something that does not vary with the picture

    int input = kPicture;         ///< the stage whose cells it reads
    int added = kNothing;         ///< a stage whose same cell it also reads
    bool wraps = false;           ///< cells beyond the edge are those of the opposite one
    std::vector<Offset> offsets;  ///< to the cells of `input` with a non-zero weight
    /// The subset through which changes of the picture propagate; other offsets reach only channels that are
    /// equal for all palette entries.
    std::vector<Offset> changing;
    /// An upper bound for the runs of channels with weights, over all taps.
    int runs = 0;

    /// Whether the stage's value does not depend on the picture.
    bool constant() const { return input == kNothing && added == kNothing; }
};

/// Returns the dependences of the stages of a plan with a sampler, in order. Empty if a stage that depends on
/// the picture combines cells other than by a convolution, or if the maps are too large.
std::vector<Dependence> dependences_of(const Plan& plan, const std::vector<Stage>& stages);

/// Returns an upper bound for the row shifts that it takes to follow all dependences from some cells, `times`
/// times.
double row_shifts(const std::vector<Dependence>& stages, const CellRows& map, std::size_t times);

}  // namespace tilewright
