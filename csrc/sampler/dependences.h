#pragma once

#include <vector>

#include "core/stages.h"
#include "sampler/cell_rows.h"

namespace tilewright {

/// The largest maps whose dependences are followed.
constexpr int kMostDependentRows = 256;
constexpr int kMostDependentColumns = 64;

/// Which cells a stage of a step network reads to compute one cell of its own.
struct Dependence {
    static constexpr int kPicture = -1;
    static constexpr int kNothing = -2;  ///< or what never changes with the picture

    int input = kPicture;         ///< the stage whose cells it reads
    int added = kNothing;         ///< a stage whose same cell it also reads
    bool wraps = false;           ///< cells beyond the edge are those of the opposite one
    std::vector<Offset> offsets;  ///< to the cells of `input`, one at least of whose weights is not 0
    /// Of these, the ones through which a change of the picture passes: others reach only channels that every
    /// palette entry fills alike.
    std::vector<Offset> changing;

    /// Whether the stage's value depends on the picture at all.
    bool constant() const { return input == kNothing && added == kNothing; }
};

/// What the stages of a plan with a sampler depend on, in order. Empty if a stage that depends on the picture
/// mixes cells in another way than a convolution does, or if the maps are too large.
std::vector<Dependence> dependences_of(const Plan& plan, const std::vector<Stage>& stages);

}  // namespace tilewright
