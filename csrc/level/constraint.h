#pragma once

#include <string>
#include <utility>

#include "level/tile_set.h"

namespace tilewright::level {

class Wave;

/// A condition on a map beyond the adjacency of its tiles.
class Constraint {
  public:
    explicit Constraint(std::string name) : name_(std::move(name)) {}
    virtual ~Constraint() = default;
    Constraint(const Constraint&) = delete;
    Constraint& operator=(const Constraint&) = delete;

    /// How an error names it.
    const std::string& name() const { return name_; }

    /// Begins a solve. The wave has all tiles in all cells.
    virtual void begin(const Wave& wave) = 0;
    /// A cell's possible tiles changed: some were excluded, or the search went back and some returned.
    virtual void changed(int /*cell*/, const Word* /*before*/, const Word* /*after*/) {}
    /// Excludes what cannot be, by Wave::keep. Returns false if the condition cannot hold. It is called again
    /// after every change, so it need not be thorough until all cells are decided.
    virtual bool enforce(Wave& wave) = 0;

  private:
    std::string name_;
};

}  // namespace tilewright::level
