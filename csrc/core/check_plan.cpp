#include "core/check_plan.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

#include "ops/sum_bounds.h"

namespace tilewright {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr std::int32_t kMaxNoise = 1 << 24;

std::string to_text(const Shape& shape) {
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        text += (axis ? ", " : "") + std::to_string(shape[axis]);
    }
    return text + ")";
}

std::string name_of(Holds holds) {
    switch (holds) {
        case Holds::kFeatures:
            return "features";
        case Holds::kIndices:
            return "indices";
        case Holds::kSums:
            return "sums";
        case Holds::kKind:
            return "the kind";
    }
    return "";
}

/// Elements of a value, each axis 1 or more; cannot overflow. `prefix` goes before the reason.
std::size_t checked_elements(const Value& value, const std::string& prefix) {
    const std::string text = prefix + to_text(value.shape);
    std::size_t count = value.is_int32() ? sizeof(std::int32_t) : 1;
    for (const std::int64_t length : value.shape) {
        if (length < 1) {
            throw std::invalid_argument(text + " has an axis shorter than 1");
        }
        if (static_cast<std::size_t>(length) > kMaxValueBytes / count) {
            throw std::invalid_argument(text + " is too large");
        }
        count *= static_cast<std::size_t>(length);
    }
    return value.elements();
}

/// The checks of one step. `fail` puts the step's number and op before the reason.
class StepChecker {
  public:
    StepChecker(const Plan& plan, std::size_t index, std::vector<bool>& written)
        : plan_(plan), step_(plan.steps[index]), index_(index), written_(written) {}

    void check() {
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

    const Value& input(std::size_t i) const { return plan_.values[step_.inputs[i]]; }
    const Value& output() const { return plan_.values[step_.output]; }

    std::size_t elements(const Value& value, const std::string& role) const {
        return checked_elements(value, prefix() + role + " ");
    }

    std::string input_role(std::size_t input) const {
        return step_.inputs.size() == 1 ? "the input" : "input " + std::to_string(input);
    }

    /// Inputs are written before this step, and hold what the op reads. The output is written nowhere else,
    /// and holds what the op writes.
    void operands(const std::vector<Holds>& inputs, Holds writes = Holds::kFeatures) {
        require(
            step_.inputs.size() == inputs.size(),
            "takes " + std::to_string(inputs.size()) + " inputs, not " + std::to_string(step_.inputs.size()));
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const ValueId id = step_.inputs[i];
            require(id < plan_.values.size() && written_[id],
                    input_role(i) + " is no input and no value that an earlier step wrote");
            require_holds(input(i), inputs[i], input_role(i));
            elements(input(i), input_role(i));
        }
        require(step_.output < plan_.values.size() && !written_[step_.output],
                "the output is written already");
        require_holds(output(), writes, "the output");
        elements(output(), "the output");
    }

    void require_holds(const Value& value, Holds expected, const std::string& role) const {
        require(value.holds == expected,
                role + " must hold " + name_of(expected) + ", not " + name_of(value.holds));
    }

    void require_shape(const Value& value, const Shape& expected, const std::string& role) const {
        require(value.shape == expected,
                role + " must be " + to_text(expected) + ", not " + to_text(value.shape));
    }

    void require_elements(const Value& value, std::size_t expected, const std::string& role) const {
        const std::size_t count = elements(value, role);
        require(count == expected,
                role + " must hold " + std::to_string(expected) + " elements, not " + std::to_string(count));
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

    /// The size of a weight array, with room for an int index.
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

    /// No input of bytes may carry a sum out of int32, not even half-way through it.
    void require_int32_sums(const std::vector<ops::SumBounds>& bounds, int outputs) const {
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            require(bounds[i].fits(), "the sum of output " +
                                          std::to_string(i % static_cast<std::size_t>(outputs)) +
                                          " could leave int32");
        }
    }

    // --- One check per op ---

    void check_op(const ops::Embed& op) {
        operands({Holds::kKind});
        require_range(op.kinds, plan_.kinds, std::numeric_limits<std::int32_t>::max(),
                      "the number of rows in table");
        require_elements(output(), static_cast<std::size_t>(op.width), "the output");
        require_count(op.table.size(), weight_count(op.kinds, 1, op.width), "table");
    }

    void check_op(const ops::EmbedCells& op) {
        operands({Holds::kKind, Holds::kIndices});
        require(input(1).shape.size() == 2,
                input_role(1) + " must be (height, width), not " + to_text(input(1).shape));
        require_range(op.kinds, plan_.kinds, std::numeric_limits<std::int32_t>::max(),
                      "the number of tables");
        // A sampler's cells are at most `colours`; other indices may be anything.
        const bool reads_cells = plan_.sampler && step_.inputs[1] == plan_.sampler->cells;
        require_range(op.entries, reads_cells ? plan_.sampler->colours + 1 : 256, 256,
                      "the number of rows in a table");
        Shape shape = input(1).shape;
        shape.push_back(op.channels);
        require_shape(output(), shape, "the output");
        require_count(op.table.size(), weight_count(op.kinds, op.entries, op.channels), "table");
    }

    void check_op(const ops::Concat& op) {
        require_range(static_cast<std::int64_t>(op.sizes.size()), 1, kMaxInputs, "the number of inputs");
        operands(std::vector<Holds>(op.sizes.size(), Holds::kFeatures));
        std::size_t total = 0;
        for (std::size_t i = 0; i < op.sizes.size(); ++i) {
            require_elements(input(i), op.sizes[i], input_role(i));
            total += op.sizes[i];
        }
        require_elements(output(), total, "the output");
    }

    void check_op(const ops::Slice& op) {
        operands({Holds::kFeatures});
        require(input(0).shape.size() == 1, "the input must be features, not " + to_text(input(0).shape));
        require(output().shape.size() == 1 || output().shape.size() == 3,
                "the output must be features or a map, not " + to_text(output().shape));
        const auto left =
            static_cast<std::int64_t>(input(0).elements()) - static_cast<std::int64_t>(output().elements());
        require(left >= 0, "the output must hold no more elements than the input");
        require_range(op.first, 0, left, "first");
    }

    void check_op(const ops::Dense& op) {
        operands({Holds::kFeatures});
        require_count(op.weights.size(), weight_count(op.outputs, 1, op.inputs), "weights");
        require_elements(input(0), static_cast<std::size_t>(op.inputs), "the input");
        require_elements(output(), static_cast<std::size_t>(op.outputs), "the output");
        require_count(op.bias.size(), static_cast<std::size_t>(op.outputs), "bias");
        require_multiplier(op.multiplier, op.outputs);
        require_int32_sums(ops::sum_bounds(op.weights, op.bias, op.outputs), op.outputs);
    }

    void check_convolution(const ops::Convolution& op) const {
        require(op.kernel % 2 == 1, "the kernel must be odd, not " + std::to_string(op.kernel));
        require_range(op.kernel, 1, kMaxKernel, "the kernel");
        require_range(op.dilation, 1, kMaxDilation, "dilation");
        require_count(op.weights.size(), weight_count(op.out_channels, op.kernel * op.kernel, op.in_channels),
                      "weights");
        require_shape(input(0), {op.height, op.width, op.in_channels}, "the input");
        require_shape(output(), {op.height, op.width, op.out_channels}, "the output");
        require_count(op.bias.size(), static_cast<std::size_t>(op.out_channels), "bias");
        require_int32_sums(ops::sum_bounds(op.weights, op.bias, op.out_channels), op.out_channels);
    }

    void check_op(const ops::Conv2d& op) {
        operands({Holds::kFeatures});
        check_convolution(op.convolution);
        require_multiplier(op.multiplier, op.convolution.out_channels);
    }

    void check_op(const ops::Scores& op) {
        operands({Holds::kFeatures}, Holds::kSums);
        check_convolution(op.convolution);
    }

    void check_op(const ops::ConvTranspose2d& op) {
        operands({Holds::kFeatures});
        require_count(op.weights.size(), weight_count(op.out_channels, 16, op.in_channels), "weights");
        require_shape(input(0), {op.height, op.width, op.in_channels}, "the input");
        require_shape(output(), {std::int64_t{2} * op.height, std::int64_t{2} * op.width, op.out_channels},
                      "the output");
        require_count(op.bias.size(), 4 * static_cast<std::size_t>(op.out_channels), "bias");
        require_multiplier(op.multiplier, op.out_channels);
        require_int32_sums(ops::phase_sum_bounds(op.weights, op.bias, op.out_channels), op.out_channels);
    }

    void check_op(const ops::Argmax& op) {
        operands({op.int32_scores ? Holds::kSums : Holds::kFeatures}, Holds::kIndices);
        require_range(op.channels, 1, 256, "the number of channels");
        require_elements(output(), static_cast<std::size_t>(op.pixels), "the output");
        require_elements(input(0), static_cast<std::size_t>(op.pixels) * op.channels, "the input");
    }

    void check_op(const ops::Lookup& op) {
        operands({Holds::kFeatures});
        require_elements(input(0), op.size, "the input");
        require_elements(output(), op.size, "the output");
        require_shape(output(), input(0).shape, "the output");
    }

    void check_op(const ops::Add& op) {
        operands({Holds::kFeatures, Holds::kFeatures});
        for (const float scale : {op.scale_a, op.scale_b}) {
            // Both products finite: their sum may be infinite and is clamped, but never NaN.
            require(std::isfinite(scale * 255.0f), "the scales must be finite, and 255 times them too");
        }
        require_elements(input(0), op.size, input_role(0));
        require_shape(input(1), input(0).shape, input_role(1));
        require_elements(output(), op.size, "the output");
    }

    void check_op(const ops::Nearest& op) {
        operands({Holds::kFeatures, Holds::kFeatures}, Holds::kIndices);
        require_range(op.colours, 1, 256, "the number of colours");
        require_range(op.channels, 1, std::numeric_limits<std::int32_t>::max() / (255 * 255),
                      "the number of channels");
        require_elements(output(), static_cast<std::size_t>(op.pixels), "the output");
        require_elements(input(0), static_cast<std::size_t>(op.pixels) * op.channels, input_role(0));
        require_elements(input(1), static_cast<std::size_t>(op.colours) * op.channels, input_role(1));
    }

    const Plan& plan_;
    const Step& step_;
    std::size_t index_;
    std::vector<bool>& written_;
};

void check_inputs(const Plan& plan, std::vector<bool>& written) {
    std::size_t latents = 0;
    std::size_t kinds = 0;
    std::size_t cells = 0;
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
        const Input& input = plan.inputs[i];
        const std::string prefix = "Executor(): input " + std::to_string(i) + " ";
        const auto require = [&](bool condition, const std::string& reason) {
            if (!condition) {
                throw std::invalid_argument(prefix + reason);
            }
        };
        require(input.value < plan.values.size() && !written[input.value], "has no value of its own");
        const Value& value = plan.values[input.value];
        const std::size_t elements = checked_elements(value, prefix);
        const auto require_holds = [&](Holds expected) {
            require(value.holds == expected,
                    "must hold " + name_of(expected) + ", not " + name_of(value.holds));
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
                require(plan.sampler && input.value == plan.sampler->cells,
                        "has cells that no sampler fixes");
                ++cells;
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
    require(sampler.noise.size() == kNoiseEntries, "noise must hold 4096 values");
    require(sampler.scores < plan.values.size() && written[sampler.scores] &&
                plan.values[sampler.scores].holds == Holds::kSums &&
                plan.values[sampler.scores].shape == Shape{cells[0], cells[1], sampler.colours},
            "scores must be the sums (height, width, colours) that a step wrote");
    for (const Output& output : plan.outputs) {
        require(output.value == sampler.cells || plan.values[output.value].holds == Holds::kKind,
                "results are its cells and the kind, not '" + output.name + "'");
    }
    // The noise joins the scores: their sums may not leave int32 either.
    for (const std::int32_t noise : sampler.noise) {
        require(noise >= -kMaxNoise && noise <= kMaxNoise, "noise must be within 2^24");
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
}

// --- Work ---

double multiply_adds_of(const ops::Convolution& op) {
    return double{1} * op.height * op.width * static_cast<double>(op.weights.size());
}
double multiply_adds_of(const ops::Conv2d& op) { return multiply_adds_of(op.convolution); }
double multiply_adds_of(const ops::Scores& op) { return multiply_adds_of(op.convolution); }
double multiply_adds_of(const ops::ConvTranspose2d& op) {
    return double{1} * op.height * op.width * static_cast<double>(op.weights.size());
}
double multiply_adds_of(const ops::Dense& op) { return static_cast<double>(op.weights.size()); }
double multiply_adds_of(const ops::Nearest& op) {
    return static_cast<double>(op.pixels) * op.colours * op.channels;
}
template <typename Op>
double multiply_adds_of(const Op&) {
    return 0;
}

void check_work(const Plan& plan) {
    double work = 0;
    for (const Step& step : plan.steps) {
        work += std::visit([](const auto& op) { return multiply_adds_of(op); }, step.op) +
                static_cast<double>(plan.values[step.output].elements());
    }
    work *= plan.sampler ? plan.sampler->steps : 1;
    if (work > kMaxWork) {
        char text[128];
        std::snprintf(text, sizeof(text),
                      "Executor(): a tile takes %.1e multiply-adds in all evaluations, more than %.1e", work,
                      kMaxWork);
        throw std::invalid_argument(text);
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
    check_work(plan);
}

}  // namespace tilewright
