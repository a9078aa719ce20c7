#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/plan.h"
#include "core/stages.h"
#include "cuda/image.h"
#include "cuda/packed_layer.h"
#include "cuda/plan_layout.h"
#include "cuda/run_plan.h"
#include "sampler/wavefronts.h"

namespace tilewright::cuda {

/// Writes a plan to an image: the parts that do not depend on the block size once, then the stages per block
/// size.
class PlanWriter {
  public:
    /// groups: the cells that each evaluation of an autoregressive sampler fixes.
    PlanWriter(const Plan& plan, const std::vector<tilewright::Stage>& stages,
               const std::vector<CellGroup>& groups, bool keep_all, std::uint8_t* base);

    const Image& image() const { return image_; }

    std::size_t arena_bytes(int tiles) const;
    double cost(int tiles, bool in_shared) const;
    std::size_t result_bytes() const;

    /// evaluations: of the network, per tile.
    BlockPlan write(int tiles, bool in_shared, int evaluations);

  private:
    std::vector<ValueId> results() const;

    /// Returns the number of the group of each cell, on the device.
    const std::int32_t* add_groups(const std::vector<CellGroup>& groups);
    void add_layers();
    const std::uint8_t* add_rows(const std::vector<std::uint8_t>& table, int width);

    /// Writes the head of every arena: one cell per border value, and the tables of fused lookups.
    void add_constants();
    void write_stage(std::size_t i, const PlanLayout& layout, int tiles, bool in_shared,
                     std::vector<Stage>& stages) const;
    void write_op(const ops::Embed& op, const Step&, const PlanLayout&, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::EmbedCells& op, const Step& step, const PlanLayout& layout, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Concat&, const Step& step, const PlanLayout& layout, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Slice& op, const Step&, const PlanLayout&, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Lookup&, const Step&, const PlanLayout&, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Add& op, const Step& step, const PlanLayout& layout, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Argmax&, const Step& step, const PlanLayout&, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Nearest&, const Step& step, const PlanLayout& layout, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::MaxPool&, const Step&, const PlanLayout&, Stage& stage,
                  std::vector<Stage>& stages) const;
    void write_op(const ops::Mean& op, const Step&, const PlanLayout&, Stage& stage,
                  std::vector<Stage>& stages) const;

    const Plan& plan_;
    const std::vector<tilewright::Stage>& stages_;
    bool keep_all_;
    Image image_;
    std::vector<std::optional<PackedLayer>> layers_;
    std::vector<const std::uint8_t*> tables_;
    std::map<std::uint8_t, std::uint32_t> borders_;
    std::vector<std::int32_t> fused_tables_;
    std::vector<std::uint8_t> constant_bytes_;
    const std::uint8_t* constants_ = nullptr;
    const std::int8_t* latent_table_ = nullptr;
    const std::int32_t* halton_ = nullptr;
    const std::int32_t* noise_ = nullptr;
    const std::int32_t* groups_ = nullptr;
};

}  // namespace tilewright::cuda
