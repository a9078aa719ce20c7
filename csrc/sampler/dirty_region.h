#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/cell_rows.h"
#include "sampler/dependences.h"

namespace tilewright {

/// Which cells of a step network's maps an evaluation must compute again after some cells of the picture
/// changed: those that are dirty, because they depend on a change that they were not computed from, and on
/// which the requested scores depend. No other cell can change those scores. Stages that do not depend on the
/// picture have no dirty cells.
///
/// Sets of cells (CellRows) are in memory of the caller.
class DirtyRegion {
  public:
    /// stages: in order of execution, at least one; the last computes the scores.
    DirtyRegion(std::vector<Dependence> stages, int height, int width);

    /// uint64 of the caller's memory: two sets for each stage.
    std::size_t words() const { return 2 * stages_.size() * static_cast<std::size_t>(map_.height); }

    /// uint64 of one set.
    std::size_t set_words() const { return static_cast<std::size_t>(map_.height); }

    const Dependence& dependence(std::size_t stage) const { return stages_[stage]; }

    /// Makes all cells of all stages dirty.
    void mark_all(std::uint64_t* memory) const;

    /// Makes dirty what depends on `cells` of the picture.
    void mark(const std::uint64_t* cells, std::uint64_t* memory) const;

    /// Finds what must be computed for `cells` of the last stage. It counts as computed from now on.
    void request(const std::uint64_t* cells, std::uint64_t* memory) const;

    /// The cells of a stage that the last request found.
    const std::uint64_t* requested(std::size_t stage, const std::uint64_t* memory) const;

    /// Writes the row-major numbers of the cells of a set, ascending; returns how many.
    int list(const std::uint64_t* cells, std::int32_t* numbers) const;

  private:
    std::size_t dirty_at(std::size_t stage) const { return 2 * stage * set_words(); }
    std::size_t requested_at(std::size_t stage) const { return dirty_at(stage) + set_words(); }

    std::vector<Dependence> stages_;
    CellRows map_;
};

}  // namespace tilewright
