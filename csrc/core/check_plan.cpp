#include "core/check_plan.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

#include "core/contract.h"
#include "ops/sum_bounds.h"

namespace tilewright {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr std::int32_t kMaxNoise = 1 << 24;

/// Checks one step. `fail` prefixes the reason with the step's number and op.
class StepChecker {
  public:
    StepChecker(const Plan& plan, std::size_t index, std::vector<bool>& written)
        : plan_(plan), step_(plan.steps[index]), index_(index), written_(written) {}

    void check() {
        std::vector<const Value*> inputs;
        for (std::size_t i = 0; i < step_.inputs.size(); ++i) {
            const ValueId id = step_.inputs[i];
            require(id < plan_.values.size() && written_[id],
                    input_role(i) + " is no input and no value that an earlier step wrote");
            inputs.push_back(&plan_.values[id]);
        }
        require(step_.output < plan_.values.size() && !written_[step_.output],
                "the output is written already");
        check_output(inputs);
        std::visit([this](const auto& op) { check_op(op); }, step_.op);
        written_[step_.output] = true;
    }

  private:
    std::string prefix() const {
        return "Executor(): step " + std::to_string(index_) + " (" + ops::name_of(step_.op) + "): ";
    }

    [[noreturn]] void fail(const std::string& reason) const {
        throw std::invalid_argument(prefix() + reason);
    }

    void require(bool condition, const std::string& reason) const {
        if (!condition) {
            fail(reason);
        }
    }

    // --- Values ---

    std::string input_role(std::size_t input) const {
        return step_.inputs.size() == 1 ? "the input" : "input " + std::to_string(input);
    }

    /// The declared output must equal the one that the op computes from its inputs.
    void check_output(const std::vector<const Value*>& inputs) const {
        const Value& declared = plan_.values[step_.output];
        try {
            const Value made = output_of(step_.op, inputs);
            checked_elements(made, "the output");
            require_same(declared.shape == made.shape, to_text(made.shape), to_text(declared.shape));
            require_same(declared.holds == made.holds, to_text(made.holds), to_text(declared.holds));
        } catch (const std::invalid_argument& error) {
            fail(error.what());
        }
    }

    static void require_same(bool same, const std::string& made, const std::string& declared) {
        if (!same) {
            throw std::invalid_argument("the output is " + made + ", not " + declared + " as declared");
        }
    }

    // --- Attributes ---

    void require_range(std::int64_t value, std::int64_t low, std::int64_t high,
                       const std::string& name) const {
        require(value >= low && value <= high, name + " must be " + std::to_string(low) + " to " +
                                                   std::to_string(high) + ", not " + std::to_string(value));
    }

    void require_count(std::size_t count, std::size_t expected, const std::string& name) const {
        require(count == expected,
                name + " must hold " + std::to_string(expected) + " values, not " + std::to_string(count));
    }

    /// Returns the size of a weight array, which must fit an int index.
    std::size_t weight_count(std::int64_t outputs, std::int64_t taps, std::int64_t inputs) const {
        const std::int64_t limit = static_cast<std::int64_t>(kMaxWeights);
        require_range(outputs, 1, limit, "the number of outputs");
        require_range(inputs, 1, limit / taps, "the number of inputs");
        require(outputs <= limit / (taps * inputs), "has more than 2^28 weights");
        return static_cast<std::size_t>(outputs * taps * inputs);
    }

    void require_multiplier(const std::vector<float>& multiplier, int outputs) const {
        require_count(multiplier.size(), static_cast<std::size_t>(outputs), "multiplier");
        for (const float factor : multiplier) {
            require(std::isfinite(factor), "multiplier must be finite");
        }
    }

    /// No input may cause an overflow of int32, in any partial sum.
    void require_int32_sums(const std::vector<ops::SumBounds>& bounds, int outputs) const {
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            require(bounds[i].fits(), "the sum of output " +
                                          std::to_string(i % static_cast<std::size_t>(outputs)) +
                                          " could leave int32");
        }
    }

    // --- Attributes of each op; contract.cpp has the shapes ---

    void check_op(const ops::Embed& op) const {
        require_range(op.kinds, plan_.kinds, std::numeric_limits<std::int32_t>::max(),
                      "the number of rows in table");
        require_count(op.table.size(), weight_count(op.kinds, 1, op.width), "table");
    }

    void check_op(const ops::EmbedCells& op) const {
        require_range(op.kinds, step_.inputs.size() == 1 ? 1 : plan_.kinds,
                      std::numeric_limits<std::int32_t>::max(), "the number of tables");
        require_range(op.entries, entries_of(step_.inputs.back()), 256, "the number of rows in a table");
        require_count(op.table.size(), weight_count(op.kinds, op.entries, op.channels), "table");
    }

    /// Returns the number of indices that a value may hold.
    std::int64_t entries_of(ValueId id) const {
        const Input* const map = plan_.find_input(Source::kKindMap);
        if (map && map->value == id) {
            return plan_.kinds;
        }
        return plan_.sampler && id == plan_.sampler->cells ? plan_.sampler->colours + 1 : 256;
    }

    void check_op(const ops::Dense& op) const {
        require_count(op.weights.size(), weight_count(op.outputs, 1, op.inputs), "weights");
        require_count(op.bias.size(), static_cast<std::size_t>(op.outputs), "bias");
        require_multiplier(op.multiplier, op.outputs);
        require_int32_sums(ops::sum_bounds(op.weights, op.bias, op.outputs), op.outputs);
    }

    void check_convolution(const ops::Convolution& op) const {
        for (const int edge : {op.kernel.y, op.kernel.x}) {
            require(edge % 2 == 1, "the kernel must be odd, not " + std::to_string(edge));
            require_range(edge, 1, kMaxKernel, "the kernel");
        }
        for (const int dilation : {op.dilations.y, op.dilations.x}) {
            require_range(dilation, 1, kMaxDilation, "dilations");
        }
        require_count(op.weights.size(),
                      weight_count(op.out_channels, op.kernel.y * op.kernel.x, op.in_channels), "weights");
        require_count(op.bias.size(), static_cast<std::size_t>(op.out_channels), "bias");
        require_int32_sums(ops::sum_bounds(op.weights, op.bias, op.out_channels), op.out_channels);
    }

    void check_op(const ops::Conv2d& op) const {
        check_convolution(op.convolution);
        require_multiplier(op.multiplier, op.convolution.out_channels);
    }

    void check_op(const ops::Scores& op) const { check_convolution(op.convolution); }

    void check_op(const ops::ConvTranspose2d& op) const {
        require_count(op.weights.size(), weight_count(op.out_channels, 16, op.in_channels), "weights");
        require_count(op.bias.size(), 4 * static_cast<std::size_t>(op.out_channels), "bias");
        require_multiplier(op.multiplier, op.out_channels);
        require_int32_sums(ops::phase_sum_bounds(op.weights, op.bias, op.out_channels), op.out_channels);
    }

    void check_op(const ops::Add& op) const {
        for (const float scale : {op.scale_a, op.scale_b}) {
            // Both products finite: their sum may be infinite and is clamped, but never NaN.
            require(std::isfinite(scale * 255.0f), "the scales must be finite, and 255 times them too");
        }
    }

    void check_op(const ops::Mean& op) const {
        require(std::isfinite(op.multiplier), "multiplier must be finite");
    }

    void check_op(const ops::Concat&) const {}
    void check_op(const ops::Slice&) const {}
    void check_op(const ops::Argmax&) const {}
    void check_op(const ops::Lookup&) const {}
    void check_op(const ops::Nearest&) const {}
    void check_op(const ops::MaxPool&) const {}

    const Plan& plan_;
    const Step& step_;
    std::size_t index_;
    std::vector<bool>& written_;
};

void check_inputs(const Plan& plan, std::vector<bool>& written) {
    std::size_t latents = 0;
    std::size_t kinds = 0;
    std::size_t cells = 0;
    std::size_t kind_maps = 0;
    std::size_t words = 0;
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
        const Input& input = plan.inputs[i];
        const std::string role = "Executor(): input " + std::to_string(i);
        const auto require = [&](bool condition, const std::string& reason) {
            if (!condition) {
                throw std::invalid_argument(role + " " + reason);
            }
        };
        require(input.value < plan.values.size() && !written[input.value], "has no value of its own");
        const Value& value = plan.values[input.value];
        const std::size_t elements = checked_elements(value, role);
        const auto require_holds = [&](Holds expected) {
            require(value.holds == expected,
                    "must hold " + to_text(expected) + ", not " + to_text(value.holds));
        };
        switch (input.source) {
            case Source::kLatents:
                require_holds(Holds::kFeatures);
                latents += elements;
                require(latents <= kMaxValueBytes, "and those before it have too many latents");
                break;
            case Source::kKind:
                require_holds(Holds::kKind);
                require(value.shape.empty(), "must be one number, not " + to_text(value.shape));
                require(++kinds == 1, "is a second kind");
                break;
            case Source::kCells:
                require_holds(Holds::kIndices);
                require(value.shape.size() == 2, "must be (height, width), not " + to_text(value.shape));
                require(!plan.sampler || input.value == plan.sampler->cells,
                        "has cells that no sampler fixes");
                require(++cells == 1, "is a second map of cells");
                break;
            case Source::kKindMap:
                require_holds(Holds::kIndices);
                require(value.shape.size() == 2, "must be (height, width), not " + to_text(value.shape));
                require(plan.kinds <= 256, "must not be a map of more than 256 kinds");
                require(++kind_maps == 1, "is a second map of kinds");
                break;
            case Source::kWords:
                require_holds(Holds::kFeatures);
                require(++words == 1, "is a second input of words");
                break;
        }
        written[input.value] = true;
    }
    if (plan.sampler && cells == 0) {
        throw std::invalid_argument("Executor(): the sampler's cells are no input");
    }
}

void check_outputs(const Plan& plan, const std::vector<bool>& written) {
    if (plan.outputs.empty()) {
        throw std::invalid_argument("Executor(): the plan has no output");
    }
    std::set<std::string> names;
    for (const Output& output : plan.outputs) {
        const std::string prefix = "Executor(): output '" + output.name + "' ";
        if (!names.insert(output.name).second) {
            throw std::invalid_argument(prefix + "is named twice");
        }
        if (output.value >= plan.values.size() || !written[output.value]) {
            throw std::invalid_argument(prefix + "is no input and no value that a step wrote");
        }
        if (plan.values[output.value].holds == Holds::kSums) {
            throw std::invalid_argument(prefix + "holds sums");
        }
    }
}

void check_sampler(const Plan& plan, const std::vector<bool>& written) {
    const Sampler& sampler = *plan.sampler;
    const auto require = [](bool condition, const std::string& reason) {
        if (!condition) {
            throw std::invalid_argument("Executor(): the sampler's " + reason);
        }
    };
    const Shape& cells = plan.values[sampler.cells].shape;
    const std::int64_t count = static_cast<std::int64_t>(plan.values[sampler.cells].elements());
    require(sampler.steps >= 1 && sampler.steps <= count,
            "steps must be 1 to " + std::to_string(count) + ", not " + std::to_string(sampler.steps));
    require(sampler.scores < plan.values.size() && written[sampler.scores] &&
                plan.values[sampler.scores].holds == Holds::kSums &&
                plan.values[sampler.scores].shape == Shape{cells[0], cells[1], sampler.colours},
            "scores must be the sums (height, width, colours) that a step wrote");
    for (const Output& output : plan.outputs) {
        require(output.value == sampler.cells || plan.values[output.value].holds == Holds::kKind,
                "results are its cells and the kind, not '" + output.name + "'");
    }
    for (const Step& step : plan.steps) {
        if (step.output != sampler.scores) {
            continue;
        }
        const ops::Scores* scores = std::get_if<ops::Scores>(&step.op);
        require(scores != nullptr, "scores must come from the op scores");
        for (const ops::SumBounds& bounds : ops::sum_bounds(
                 scores->convolution.weights, scores->convolution.bias, scores->convolution.out_channels)) {
            require(bounds.fits(kMaxNoise), "scores and noise could leave int32 together");
        }
    }
    check_sampling(plan, sampler.options, "Executor(): the sampler's ");
}

// --- Work ---

/// Returns the multiply-adds of a step; weights are used once per cell of its input.
double multiply_adds_of(const Plan& plan, const Step& step) {
    const auto count = [](const auto& values) { return static_cast<double>(values.size()); };
    const auto elements = [&](ValueId id) { return static_cast<double>(plan.values[id].elements()); };
    const auto by_cells = [&](double weights, int channels) {
        return elements(step.inputs[0]) / channels * weights;
    };
    if (const auto* dense = std::get_if<ops::Dense>(&step.op)) {
        return count(dense->weights);
    }
    if (const auto* conv = std::get_if<ops::Conv2d>(&step.op)) {
        return by_cells(count(conv->convolution.weights), conv->convolution.in_channels);
    }
    if (const auto* scores = std::get_if<ops::Scores>(&step.op)) {
        return by_cells(count(scores->convolution.weights), scores->convolution.in_channels);
    }
    if (const auto* transposed = std::get_if<ops::ConvTranspose2d>(&step.op)) {
        return by_cells(count(transposed->weights), transposed->in_channels);
    }
    return std::holds_alternative<ops::Nearest>(step.op) ? elements(step.output) * elements(step.inputs[1])
                                                         : 0;
}

void check_work(const Plan& plan, double evaluations, const std::string& prefix) {
    double work = 0;
    for (const Step& step : plan.steps) {
        work += multiply_adds_of(plan, step) + static_cast<double>(plan.values[step.output].elements());
    }
    work *= evaluations;
    if (work > kMaxWork) {
        char text[128];
        std::snprintf(text, sizeof(text),
                      "a tile takes %.1e multiply-adds in all evaluations, more than %.1e", work, kMaxWork);
        throw std::invalid_argument(prefix + text);
    }
}

}  // namespace

void check_plan(const Plan& plan) {
    if (plan.kinds < 1) {
        throw std::invalid_argument("Executor(): kinds must be 1 or more, not " + std::to_string(plan.kinds));
    }
    if (plan.sampler && (plan.sampler->colours < 1 || plan.sampler->colours > 255)) {
        throw std::invalid_argument("Executor(): the sampler's colours must be 1 to 255, not " +
                                    std::to_string(plan.sampler->colours));
    }
    std::vector<bool> written(plan.values.size(), false);
    check_inputs(plan, written);
    for (std::size_t index = 0; index < plan.steps.size(); ++index) {
        StepChecker(plan, index, written).check();
    }
    check_outputs(plan, written);
    if (plan.sampler) {
        check_sampler(plan, written);
    }
    check_work(plan, plan.sampler ? plan.sampler->steps : 1, "Executor(): ");
}

void check_sampling(const Plan& plan, const SamplingOptions& options, const std::string& prefix) {
    const auto require = [&](bool condition, const std::string& reason) {
        if (!condition) {
            throw std::invalid_argument(prefix + reason);
        }
    };
    const auto require_range = [&](const char* name, std::int32_t value, std::int32_t most) {
        require(value >= 0 && value <= most, std::string(name) + " must be 0 to " + std::to_string(most) +
                                                 ", not " + std::to_string(value));
    };
    require(options.noise.size() == kNoiseEntries, "noise must hold 4096 values");
    for (const std::int32_t noise : options.noise) {
        require(noise >= -kMaxNoise && noise <= kMaxNoise, "noise must be within 2^24");
    }
    require_range("refine", options.refine, kMostRounds);
    require_range("begin", options.begin, kWhole);
    if (plan.sampler->method == Sampler::Method::kAutoregressive) {
        require(options.order == SamplingOptions::Order::kRandom && options.refine == 0 && options.begin == 0,
                "order, refine and begin are options of masked samplers");
        return;
    }
    if (options.refine > 0) {
        check_work(plan, static_cast<double>(plan.sampler->steps) + options.refine,
                   prefix + "refine of " + std::to_string(options.refine) + " rounds: ");
    }
}

}  // namespace tilewright
