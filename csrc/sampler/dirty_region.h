#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tilewright {

/// The largest maps that a DirtyRegion follows.
constexpr int kMostDirtyRows = 256;
constexpr int kMostDirtyColumns = 64;

/// Which cells a stage of a step network reads to compute one cell of its own.
struct Dependence {
    int input = -1;                              ///< the stage whose cells it reads; -1: the picture
    int added = -1;                              ///< a stage whose same cell it also reads; -1: none
    bool wraps = false;                          ///< cells beyond the edge are those of the opposite one
    std::vector<std::pair<int, int>> positions;  ///< (dy, dx) of the cells of `input`
};

/// Which cells of a step network's maps an evaluation must compute again after some cells of the picture
/// changed: those that are dirty, because they depend on a change that they were not computed from, and on
/// which the requested scores depend. No other cell can change those scores.
///
/// Sets of cells are rows of bits, one uint64 each, in memory of the caller.
class DirtyRegion {
  public:
    /// stages: in order of execution, at least one; the last computes the scores.
    DirtyRegion(std::vector<Dependence> stages, int height, int width);

    /// uint64 of the caller's memory: two sets for each stage.
    std::size_t words() const { return 2 * stages_.size() * static_cast<std::size_t>(height_); }

    /// uint64 of one set.
    std::size_t set_words() const { return static_cast<std::size_t>(height_); }

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
    std::uint64_t shifted(std::uint64_t row, int by, bool wraps) const;
    void dilate(const std::uint64_t* from, const Dependence& dependence, int sign, std::uint64_t* to) const;

    std::vector<Dependence> stages_;
    int height_;
    int width_;
};

}  // namespace tilewright
