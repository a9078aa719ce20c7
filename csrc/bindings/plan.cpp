#include "core/plan.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/sampling.h"
#include "core/contract.h"

namespace py = pybind11;

namespace tilewright {
namespace {

/// A number for each axis of a map: rows, columns.
using Pair = std::array<int, 2>;

/// Converts a length to int, the type that kernels use.
int to_int(std::int64_t length, const std::string& argument) {
    if (length < 0 || length > std::numeric_limits<int>::max()) {
        throw std::invalid_argument(argument + " has an axis of length " + std::to_string(length));
    }
    return static_cast<int>(length);
}

/// Adds a step, and declares its output with the shape and content that the op's contract gives. If the
/// inputs do not fit the op, no output is declared, and the executor later reports the reason.
ValueId add_step(Plan& plan, ops::Op op, std::vector<ValueId> inputs) {
    std::vector<const Value*> values;
    for (const ValueId id : inputs) {
        if (id < plan.values.size()) {
            values.push_back(&plan.values[id]);
        }
    }
    Value output;
    try {
        output = output_of(op, values);
    } catch (const std::invalid_argument&) {
    }
    plan.values.push_back(std::move(output));
    plan.steps.push_back({std::move(op), std::move(inputs), plan.values.size() - 1});
    return plan.steps.back().output;
}

int array_length(const py::array& array, py::ssize_t axis, const std::string& argument) {
    return to_int(array.shape(axis), argument);
}

ops::Convolution to_convolution(const std::string& function, const py::array& weights, const py::array& bias,
                                std::uint8_t zero_in, bool wrap, const Pair& dilations) {
    ops::Convolution op{};
    op.weights = copy_array<std::int8_t>(weights, 4, function + ": weights");
    op.bias = copy_array<std::int32_t>(bias, 1, function + ": bias");
    op.out_channels = array_length(weights, 0, function + ": weights");
    op.kernel = {array_length(weights, 1, function + ": weights"),
                 array_length(weights, 2, function + ": weights")};
    op.in_channels = array_length(weights, 3, function + ": weights");
    op.dilations = {dilations[0], dilations[1]};
    op.padding = wrap ? ops::Padding::kWrap : ops::Padding::kZero;
    op.zero_in = zero_in;
    return op;
}

ValueId add_input(Plan& plan, const std::string& source, std::vector<std::int64_t> shape) {
    struct Row {
        const char* name;
        Source source;
        Holds holds;
    };
    constexpr Row kSources[] = {{"latents", Source::kLatents, Holds::kFeatures},
                                {"kind", Source::kKind, Holds::kKind},
                                {"cells", Source::kCells, Holds::kIndices},
                                {"kind_map", Source::kKindMap, Holds::kIndices},
                                {"words", Source::kWords, Holds::kFeatures}};
    for (const Row& row : kSources) {
        if (source == row.name) {
            plan.inputs.push_back({row.source, plan.values.size()});
            plan.values.push_back({std::move(shape), row.holds});
            return plan.values.size() - 1;
        }
    }
    throw std::invalid_argument(
        "PlanBuilder.input(): source must be 'latents', 'kind', 'cells', 'kind_map' or 'words', not '" +
        source + "'");
}

ValueId add_embed(Plan& plan, ValueId kind, const py::array& table) {
    const std::string argument = "PlanBuilder.embed(): table";
    ops::Embed op{};
    op.table = copy_array<std::uint8_t>(table, 2, argument);
    op.kinds = array_length(table, 0, argument);
    op.width = array_length(table, 1, argument);
    return add_step(plan, std::move(op), {kind});
}

ValueId add_embed_cells(Plan& plan, std::optional<ValueId> kind, ValueId cells, const py::array& table) {
    const std::string argument = "PlanBuilder.embed_cells(): table";
    ops::EmbedCells op{};
    op.table = copy_array<std::uint8_t>(table, 3, argument);
    op.kinds = array_length(table, 0, argument);
    op.entries = array_length(table, 1, argument);
    op.channels = array_length(table, 2, argument);
    return add_step(plan, std::move(op),
                    kind ? std::vector<ValueId>{*kind, cells} : std::vector<ValueId>{cells});
}

ValueId add_concat(Plan& plan, std::vector<ValueId> xs) {
    return add_step(plan, ops::Concat{}, std::move(xs));
}

ValueId add_slice(Plan& plan, ValueId x, std::int32_t first, std::vector<std::int64_t> shape) {
    return add_step(plan, ops::Slice{first, std::move(shape)}, {x});
}

ValueId add_dense(Plan& plan, ValueId x, std::vector<std::int64_t> shape, const py::array& weights,
                  const py::array& bias, const py::array& multiplier, std::uint8_t zero_out) {
    ops::Dense op{};
    op.weights = copy_array<std::int8_t>(weights, 2, "PlanBuilder.dense(): weights");
    op.bias = copy_array<std::int32_t>(bias, 1, "PlanBuilder.dense(): bias");
    op.multiplier = copy_array<float>(multiplier, 1, "PlanBuilder.dense(): multiplier");
    op.outputs = array_length(weights, 0, "PlanBuilder.dense(): weights");
    op.inputs = array_length(weights, 1, "PlanBuilder.dense(): weights");
    op.shape = std::move(shape);
    op.zero_out = zero_out;
    return add_step(plan, std::move(op), {x});
}

ValueId add_conv2d(Plan& plan, ValueId x, const py::array& weights, const py::array& bias,
                   const py::array& multiplier, std::uint8_t zero_in, std::uint8_t zero_out, bool wrap,
                   const Pair& dilations) {
    ops::Conv2d op{};
    op.convolution = to_convolution("PlanBuilder.conv2d()", weights, bias, zero_in, wrap, dilations);
    op.multiplier = copy_array<float>(multiplier, 1, "PlanBuilder.conv2d(): multiplier");
    op.zero_out = zero_out;
    return add_step(plan, std::move(op), {x});
}

ValueId add_conv_transpose2d(Plan& plan, ValueId x, const py::array& weights, const py::array& bias,
                             const py::array& multiplier, std::uint8_t zero_in, std::uint8_t zero_out,
                             bool wrap) {
    const std::string function = "PlanBuilder.conv_transpose2d()";
    ops::ConvTranspose2d op{};
    op.weights = copy_shaped<std::int8_t>(weights, {-1, 4, 4, -1}, function + ": weights");
    op.bias = copy_shaped<std::int32_t>(bias, {4, weights.shape(0)}, function + ": bias");
    op.multiplier = copy_array<float>(multiplier, 1, function + ": multiplier");
    op.out_channels = array_length(weights, 0, function + ": weights");
    op.in_channels = array_length(weights, 3, function + ": weights");
    op.padding = wrap ? ops::Padding::kWrap : ops::Padding::kZero;
    op.zero_in = zero_in;
    op.zero_out = zero_out;
    return add_step(plan, std::move(op), {x});
}

ValueId add_scores(Plan& plan, ValueId x, const py::array& weights, const py::array& bias,
                   std::uint8_t zero_in, bool wrap, const Pair& dilations) {
    ops::Scores op{};
    op.convolution = to_convolution("PlanBuilder.scores()", weights, bias, zero_in, wrap, dilations);
    return add_step(plan, std::move(op), {x});
}

ValueId add_argmax(Plan& plan, ValueId x) { return add_step(plan, ops::Argmax{}, {x}); }

ValueId add_lookup(Plan& plan, ValueId x, const py::array& table) {
    ops::Lookup op{};
    const std::vector<std::uint8_t> values =
        copy_shaped<std::uint8_t>(table, {256}, "PlanBuilder.lookup(): table");
    std::copy(values.begin(), values.end(), op.table.begin());
    return add_step(plan, op, {x});
}

ValueId add_add(Plan& plan, ValueId a, ValueId b, float scale_a, float scale_b, std::uint8_t zero_a,
                std::uint8_t zero_b, std::uint8_t zero_out) {
    return add_step(plan, ops::Add{scale_a, scale_b, zero_a, zero_b, zero_out}, {a, b});
}

ValueId add_nearest(Plan& plan, ValueId x, ValueId palette) {
    return add_step(plan, ops::Nearest{}, {x, palette});
}

ValueId add_max_pool(Plan& plan, ValueId x) { return add_step(plan, ops::MaxPool{}, {x}); }

ValueId add_mean(Plan& plan, ValueId x, float multiplier, std::uint8_t zero_in, std::uint8_t zero_out) {
    return add_step(plan, ops::Mean{multiplier, zero_in, zero_out}, {x});
}

void set_sampler(Plan& plan, const std::string& method, int colours, int steps, ValueId cells, ValueId scores,
                 const py::array& noise, const std::string& order, std::int32_t refine, std::int32_t begin) {
    Sampler sampler{};
    if (method == "masked") {
        sampler.method = Sampler::Method::kMasked;
    } else if (method == "autoregressive") {
        sampler.method = Sampler::Method::kAutoregressive;
    } else {
        throw std::invalid_argument(
            "PlanBuilder.sampler(): method must be 'masked' or 'autoregressive', not '" + method + "'");
    }
    sampler.colours = colours;
    sampler.steps = steps;
    sampler.cells = cells;
    sampler.scores = scores;
    sampler.options = to_options({order, refine, begin, noise}, "PlanBuilder.sampler()");
    plan.sampler = std::move(sampler);
}

Plan new_plan(std::int32_t kinds, const py::array& latent_table) {
    Plan plan;
    plan.kinds = kinds;
    plan.latent_table = copy_latent_table(latent_table, "PlanBuilder(): latent_table");
    return plan;
}

}  // namespace

void bind_plan(py::module_& m) {
    using py::arg;
    py::class_<Plan>(m, "PlanBuilder", py::module_local())
        .def(py::init(&new_plan), arg("kinds"), arg("latent_table"))
        .def("input", &add_input, arg("source"), arg("shape") = std::vector<std::int64_t>())
        .def("embed", &add_embed, arg("kind"), arg("table"))
        .def("embed_cells", &add_embed_cells, arg("kind").none(true), arg("cells"), arg("table"))
        .def("concat", &add_concat, arg("xs"))
        .def("slice", &add_slice, arg("x"), arg("first"), arg("shape"))
        .def("dense", &add_dense, arg("x"), arg("shape"), arg("weights"), arg("bias"), arg("multiplier"),
             arg("zero_out"))
        .def("conv2d", &add_conv2d, arg("x"), arg("weights"), arg("bias"), arg("multiplier"), arg("zero_in"),
             arg("zero_out"), arg("wrap"), arg("dilations") = Pair{1, 1})
        .def("conv_transpose2d", &add_conv_transpose2d, arg("x"), arg("weights"), arg("bias"),
             arg("multiplier"), arg("zero_in"), arg("zero_out"), arg("wrap"))
        .def("scores", &add_scores, arg("x"), arg("weights"), arg("bias"), arg("zero_in"), arg("wrap"),
             arg("dilations") = Pair{1, 1})
        .def("argmax", &add_argmax, arg("x"))
        .def("lookup", &add_lookup, arg("x"), arg("table"))
        .def("add", &add_add, arg("a"), arg("b"), arg("scale_a"), arg("scale_b"), arg("zero_a"),
             arg("zero_b"), arg("zero_out"))
        .def("nearest", &add_nearest, arg("x"), arg("palette"))
        .def("max_pool", &add_max_pool, arg("x"))
        .def("mean", &add_mean, arg("x"), arg("multiplier"), arg("zero_in"), arg("zero_out"))
        .def("sampler", &set_sampler, arg("method"), arg("colours"), arg("steps"), arg("cells"),
             arg("scores"), arg("noise"), arg("order") = "random", arg("refine") = 0, arg("begin") = 0)
        .def(
            "output",
            [](Plan& plan, std::string name, ValueId value) {
                plan.outputs.push_back({std::move(name), value});
            },
            arg("name"), arg("value"));
}

}  // namespace tilewright
