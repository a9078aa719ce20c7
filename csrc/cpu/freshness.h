#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tilewright::cpu {

/// Which cells a stage of a step network reads to make one cell of its own.
struct Dependence {
    int input = -1;                              ///< the stage whose cells it reads; -1: the picture
    int added = -1;                              ///< a stage whose same cell it reads too; -1: none
    bool wraps = false;                          ///< cells beyond the edge are those of the opposite one
    std::vector<std::pair<int, int>> positions;  ///< (dy, dx) of the cells of `input`
};

/// Which cells of a step network's maps must be computed again, when a picture becomes known cell by cell:
/// those that a change has reached and that the scores asked for depend on. Everything else is left as it is,
/// because it could not change those scores.
///
/// Sets of cells are rows of bits, kept in memory of the caller; maps are at most 64 cells wide.
class Freshness {
  public:
    Freshness(std::vector<Dependence> stages, int height, int width);

    /// uint64 that a caller's memory must have room for.
    std::size_t words() const { return 2 * stages_.size() * static_cast<std::size_t>(height_); }

    const Dependence& stage(std::size_t number) const { return stages_[number]; }

    /// Nothing was computed yet.
    void begin(std::uint64_t* memory) const;

    /// The picture's cells in `cells` changed.
    void change(const std::uint64_t* cells, std::uint64_t* memory) const;

    /// The last stage's `cells` are wanted: notes for each stage what must be computed, in order of the
    /// stages. It is taken with `take`.
    void want(const std::uint64_t* cells, std::uint64_t* memory) const;

    /// The cells that stage `stage` must compute, which count as computed from now on.
    const std::uint64_t* take(std::size_t stage, std::uint64_t* memory) const;

    /// Writes the numbers of the cells of a set, ascending; returns how many.
    int list(const std::uint64_t* cells, std::int32_t* numbers) const;

  private:
    std::uint64_t* stale(std::size_t stage, std::uint64_t* memory) const;
    std::uint64_t* wanted(std::size_t stage, std::uint64_t* memory) const;
    std::uint64_t moved(std::uint64_t row, int by, bool wraps) const;
    void spread(const std::uint64_t* from, const Dependence& dependence, int sign, std::uint64_t* to) const;

    std::vector<Dependence> stages_;
    int height_;
    int width_;
};

}  // namespace tilewright::cpu
