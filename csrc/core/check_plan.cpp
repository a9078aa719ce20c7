#include "core/check_plan.h"

#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

#include "core/written_ranges.h"

namespace tilewright {
namespace {

using Shape = std::vector<std::int64_t>;

std::string to_text(const Shape& shape) {
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        text += (axis ? ", " : "") + std::to_string(shape[axis]);
    }
    return text + ")";
}

/// The checks of one step. `fail` puts the step's number and op before the reason.
class StepChecker {
  public:
    StepChecker(const Plan& plan, std::size_t index, WrittenRanges& written)
        : plan_(plan), step_(plan.steps[index]), index_(index), written_(written) {}

    void check() {
        std::visit([this](const auto& op) { check_op(op); }, step_.op);
    }

  private:
    [[noreturn]] void fail(const std::string& reason) const {
        throw std::invalid_argument("Executor(): step " + std::to_string(index_) + " (" +
                                    ops::name_of(step_.op) + "): " + reason);
    }

    void require(bool condition, const std::string& reason) const {
        if (!condition) {
            fail(reason);
        }
    }

    // --- Buffers ---

    /// Elements of a buffer, each axis 1 or more; cannot overflow.
    std::size_t elements(const Buffer& buffer, const std::string& role) const {
        std::size_t count = 1;
        for (const std::int64_t length : buffer.shape) {
            require(length >= 1, role + " " + to_text(buffer.shape) + " has an axis shorter than 1");
            const std::size_t extent = static_cast<std::size_t>(length);
            require(extent <= kMaxArenaBytes / count, role + " " + to_text(buffer.shape) + " is too large");
            count *= extent;
        }
        return count;
    }

    /// The end of a buffer in the arena.
    std::size_t end_of(const Buffer& buffer, Element element, const std::string& role) const {
        const std::size_t bytes =
            elements(buffer, role) * (element == Element::kInt32 ? sizeof(std::int32_t) : 1);
        require(buffer.offset % kAlignment == 0,
                role + " starts at byte " + std::to_string(buffer.offset) + ", not at a multiple of 64");
        require(buffer.offset <= plan_.arena_bytes && bytes <= plan_.arena_bytes - buffer.offset,
                role + " ends past the arena of " + std::to_string(plan_.arena_bytes) + " bytes");
        return buffer.offset + bytes;
    }

    std::string input_role(std::size_t input) const {
        return step_.inputs.size() == 1 ? "the input" : "input " + std::to_string(input);
    }

    /// Checks where the operands lie and marks the output as written. `in_place`: the output may be exactly
    /// an input, because the op reads each byte just before it writes it.
    void operands(std::size_t inputs, Element read = Element::kByte, Element write = Element::kByte,
                  bool in_place = false) {
        require(step_.inputs.size() == inputs,
                "takes " + std::to_string(inputs) + " inputs, not " + std::to_string(step_.inputs.size()));
        const std::size_t output_end = end_of(step_.output, write, "the output");
        for (std::size_t i = 0; i < inputs; ++i) {
            const Buffer& input = step_.inputs[i];
            const std::size_t input_end = end_of(input, read, input_role(i));
            require(written_.holds(input.offset, input_end, read),
                    input_role(i) + " reads bytes that no earlier step wrote as " +
                        (read == Element::kInt32 ? "int32" : "uint8"));
            const bool apart = input_end <= step_.output.offset || output_end <= input.offset;
            const bool same = input.offset == step_.output.offset && input_end == output_end;
            require(apart || (in_place && same), "the output overlaps " + input_role(i));
        }
        written_.write(step_.output.offset, output_end, write);
    }

    void require_shape(const Buffer& buffer, const Shape& expected, const std::string& role) const {
        require(buffer.shape == expected,
                role + " must be " + to_text(expected) + ", not " + to_text(buffer.shape));
    }

    void require_elements(const Buffer& buffer, std::size_t expected, const std::string& role) const {
        const std::size_t count = elements(buffer, role);
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
        require(outputs <= limit / (taps * inputs), "has more than 2^30 weights");
        return static_cast<std::size_t>(outputs * taps * inputs);
    }

    void require_multiplier(const std::vector<float>& multiplier, int outputs) const {
        require_count(multiplier.size(), static_cast<std::size_t>(outputs), "multiplier");
        for (const float factor : multiplier) {
            require(std::isfinite(factor), "multiplier must be finite");
        }
    }

    /// No input of bytes may carry `bias + sum` out of int32, not even half-way through the sum.
    void require_int32_sum(std::int64_t bias, std::int64_t negative, std::int64_t positive,
                           int output) const {
        const std::int64_t most = std::numeric_limits<std::int32_t>::max();
        const std::int64_t low = 255 * negative + (bias < 0 ? bias : 0);
        const std::int64_t high = 255 * positive + (bias > 0 ? bias : 0);
        require(low >= -most && high <= most,
                "the sum of output " + std::to_string(output) + " could leave int32");
    }

    /// Rows of `row` weights, one per output channel, all with the biases at bias[r * outputs + output].
    void require_int32_sums(const std::vector<std::int8_t>& weights, const std::vector<std::int32_t>& bias,
                            int outputs) const {
        const std::size_t row = weights.size() / static_cast<std::size_t>(outputs);
        const std::int8_t* weight = weights.data();
        for (int output = 0; output < outputs; ++output) {
            std::int64_t negative = 0;
            std::int64_t positive = 0;
            for (std::size_t i = 0; i < row; ++i, ++weight) {
                (*weight < 0 ? negative : positive) += *weight;
            }
            for (std::size_t b = static_cast<std::size_t>(output); b < bias.size();
                 b += static_cast<std::size_t>(outputs)) {
                require_int32_sum(bias[b], negative, positive, output);
            }
        }
    }

    // --- One check per op ---

    void check_op(const ops::Embed& op) {
        operands(0);
        require_range(op.kinds, plan_.kinds, std::numeric_limits<std::int32_t>::max(),
                      "the number of rows in table");
        require_elements(step_.output, static_cast<std::size_t>(op.width), "the output");
        require_count(op.table.size(), weight_count(op.kinds, 1, op.width), "table");
    }

    void check_op(const ops::Concat& op) {
        require_range(static_cast<std::int64_t>(op.sizes.size()), 1, kMaxInputs, "the number of inputs");
        operands(op.sizes.size());
        std::size_t total = 0;
        for (std::size_t i = 0; i < op.sizes.size(); ++i) {
            require_elements(step_.inputs[i], op.sizes[i], input_role(i));
            total += op.sizes[i];
        }
        require_elements(step_.output, total, "the output");
    }

    void check_op(const ops::Dense& op) {
        operands(1);
        require_count(op.weights.size(), weight_count(op.outputs, 1, op.inputs), "weights");
        require_elements(step_.inputs[0], static_cast<std::size_t>(op.inputs), "the input");
        require_elements(step_.output, static_cast<std::size_t>(op.outputs), "the output");
        require_count(op.bias.size(), static_cast<std::size_t>(op.outputs), "bias");
        require_multiplier(op.multiplier, op.outputs);
        require_int32_sums(op.weights, op.bias, op.outputs);
    }

    void check_convolution(const ops::Convolution& op) const {
        require(op.kernel % 2 == 1, "the kernel must be odd, not " + std::to_string(op.kernel));
        require_range(op.kernel, 1, kMaxKernel, "the kernel");
        require_range(op.dilation, 1, kMaxDilation, "dilation");
        require_count(op.weights.size(), weight_count(op.out_channels, op.kernel * op.kernel, op.in_channels),
                      "weights");
        require_shape(step_.inputs[0], {op.height, op.width, op.in_channels}, "the input");
        require_shape(step_.output, {op.height, op.width, op.out_channels}, "the output");
        require_count(op.bias.size(), static_cast<std::size_t>(op.out_channels), "bias");
        require_int32_sums(op.weights, op.bias, op.out_channels);
    }

    void check_op(const ops::Conv2d& op) {
        operands(1);
        check_convolution(op.convolution);
        require_multiplier(op.multiplier, op.convolution.out_channels);
    }

    void check_op(const ops::Scores& op) {
        operands(1, Element::kByte, Element::kInt32);
        check_convolution(op.convolution);
    }

    void check_op(const ops::ConvTranspose2d& op) {
        operands(1);
        require_count(op.weights.size(), weight_count(op.out_channels, 16, op.in_channels), "weights");
        require_shape(step_.inputs[0], {op.height, op.width, op.in_channels}, "the input");
        require_shape(step_.output,
                      {std::int64_t{2} * op.height, std::int64_t{2} * op.width, op.out_channels},
                      "the output");
        require_count(op.bias.size(), 4 * static_cast<std::size_t>(op.out_channels), "bias");
        require_multiplier(op.multiplier, op.out_channels);
        require_int32_sums(op.weights, op.bias, op.out_channels);
    }

    void check_op(const ops::Argmax& op) {
        operands(1, op.int32_scores ? Element::kInt32 : Element::kByte);
        require_range(op.channels, 1, 256, "the number of channels");
        require_elements(step_.output, static_cast<std::size_t>(op.pixels), "the output");
        require_elements(step_.inputs[0], static_cast<std::size_t>(op.pixels) * op.channels, "the input");
    }

    void check_op(const ops::Lookup& op) {
        operands(1, Element::kByte, Element::kByte, true);
        require_elements(step_.inputs[0], op.size, "the input");
        require_elements(step_.output, op.size, "the output");
    }

    void check_op(const ops::Add& op) {
        operands(2, Element::kByte, Element::kByte, true);
        for (const float scale : {op.scale_a, op.scale_b}) {
            // Both products finite: their sum may be infinite and is clamped, but never NaN.
            require(std::isfinite(scale * 255.0f), "the scales must be finite, and 255 times them too");
        }
        require_elements(step_.inputs[0], op.size, input_role(0));
        require_elements(step_.inputs[1], op.size, input_role(1));
        require_elements(step_.output, op.size, "the output");
    }

    void check_op(const ops::Nearest& op) {
        operands(2);
        require_range(op.colours, 1, 256, "the number of colours");
        require_range(op.channels, 1, std::numeric_limits<std::int32_t>::max() / (255 * 255),
                      "the number of channels");
        require_elements(step_.output, static_cast<std::size_t>(op.pixels), "the output");
        require_elements(step_.inputs[0], static_cast<std::size_t>(op.pixels) * op.channels, input_role(0));
        require_elements(step_.inputs[1], static_cast<std::size_t>(op.colours) * op.channels, input_role(1));
    }

    const Plan& plan_;
    const Step& step_;
    std::size_t index_;
    WrittenRanges& written_;
};

bool in_arena(const Plan& plan, std::size_t offset, std::size_t bytes) {
    return offset <= plan.arena_bytes && bytes <= plan.arena_bytes - offset;
}

void check_latents(const Plan& plan) {
    if (plan.latent_offset % kAlignment != 0) {
        throw std::invalid_argument("Executor(): the latents start at byte " +
                                    std::to_string(plan.latent_offset) + ", not at a multiple of 64");
    }
    if (!in_arena(plan, plan.latent_offset, plan.latent_size)) {
        throw std::invalid_argument("Executor(): the latents end past the arena of " +
                                    std::to_string(plan.arena_bytes) + " bytes");
    }
}

void check_outputs(const Plan& plan, const WrittenRanges& written) {
    if (plan.outputs.empty()) {
        throw std::invalid_argument("Executor(): the plan has no output");
    }
    std::set<std::string> names;
    for (const Output& output : plan.outputs) {
        const std::string prefix = "Executor(): output '" + output.name + "' ";
        if (!names.insert(output.name).second) {
            throw std::invalid_argument(prefix + "is named twice");
        }
        if (!in_arena(plan, output.offset, output.bytes)) {
            throw std::invalid_argument(prefix + "ends past the arena of " +
                                        std::to_string(plan.arena_bytes) + " bytes");
        }
        if (!written.holds(output.offset, output.offset + output.bytes, Element::kByte)) {
            throw std::invalid_argument(prefix + "reads bytes that no step wrote as uint8");
        }
    }
}

}  // namespace

void check_plan(const Plan& plan) {
    if (plan.arena_bytes > kMaxArenaBytes) {
        throw std::invalid_argument("Executor(): the arena must be 2^30 bytes or less, not " +
                                    std::to_string(plan.arena_bytes));
    }
    if (plan.kinds < 1) {
        throw std::invalid_argument("Executor(): kinds must be 1 or more, not " + std::to_string(plan.kinds));
    }
    check_latents(plan);
    WrittenRanges written;
    written.write(plan.latent_offset, plan.latent_offset + plan.latent_size, Element::kByte);
    for (std::size_t index = 0; index < plan.steps.size(); ++index) {
        StepChecker(plan, index, written).check();
    }
    check_outputs(plan, written);
}

}  // namespace tilewright
