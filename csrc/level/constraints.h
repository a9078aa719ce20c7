// The constraints of a solve. `tiles` is the set of tiles that a constraint is about.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "level/constraint.h"
#include "level/wave.h"

namespace tilewright::level {

/// Some cells take one of the tiles: fixed cells, borders, terrain that restricts props.
class Allow final : public Constraint {
  public:
    Allow(std::string name, TileSet tiles, std::vector<std::int32_t> cells);
    void begin(const Wave& wave) override;
    bool enforce(Wave& wave) override;

  private:
    TileSet tiles_;
    std::vector<std::int32_t> cells_;
    bool done_ = false;  // what is excluded before the first decision stays excluded
};

/// From `least` to `most` cells take one of the tiles.
class Count final : public Constraint {
  public:
    Count(std::string name, TileSet tiles, int tile_count, std::int64_t least, std::int64_t most);
    void begin(const Wave& wave) override;
    void changed(int cell, const Word* before, const Word* after) override;
    bool enforce(Wave& wave) override;

  private:
    bool must(const Word* domain) const { return within(domain, tiles_.data(), words_); }
    bool may(const Word* domain) const { return meet(domain, tiles_.data(), words_); }

    TileSet tiles_, others_;
    std::int64_t least_, most_;
    int words_ = 0;
    std::int64_t must_ = 0, may_ = 0;  // cells that have only, and that have any, of the tiles
};

/// Two cells with one of the tiles are at least `distance` rows or columns apart.
class Separation final : public Constraint {
  public:
    Separation(std::string name, TileSet tiles, int tile_count, int distance);
    void begin(const Wave& wave) override;
    void changed(int cell, const Word* before, const Word* after) override;
    bool enforce(Wave& wave) override;

  private:
    TileSet tiles_, others_;
    int distance_;
    int words_ = 0;
    std::vector<std::int32_t> decided_;  // cells that came to have only tiles of the set
};

/// A small grid of sets of tiles matches nowhere.
class Never final : public Constraint {
  public:
    /// pattern: (height * width) sets.
    Never(std::string name, std::vector<TileSet> pattern, int tile_count, int height, int width);
    void begin(const Wave& wave) override;
    void changed(int cell, const Word* before, const Word* after) override;
    bool enforce(Wave& wave) override;

  private:
    bool enforce_at(Wave& wave, int row, int column);

    std::vector<TileSet> pattern_, others_;
    int height_, width_;
    std::vector<std::int32_t> changed_;
};

/// Cells with one of the tiles are connected over common edges: `cells`, which take one of the tiles; or,
/// with no cells, all of them.
class Connected final : public Constraint {
  public:
    Connected(std::string name, TileSet tiles, int tile_count, std::vector<std::int32_t> cells);
    void begin(const Wave& wave) override;
    void changed(int cell, const Word* before, const Word* after) override;
    bool enforce(Wave& wave) override;

  private:
    bool enforce_terminals(Wave& wave);
    void search(const Wave& wave, int root);

    TileSet tiles_, others_;
    std::vector<std::int32_t> cells_;
    int words_ = 0;
    bool is_stale_ = true;

    // The depth-first search that finds the cells without which terminals come apart (Tarjan 1972).
    std::vector<std::uint8_t> is_terminal_, needed_;
    std::vector<std::int32_t> order_, low_, parent_, below_;  // below: terminals in the subtree
    std::vector<std::int8_t> direction_;
    std::vector<std::int32_t> stack_;
};

}  // namespace tilewright::level
