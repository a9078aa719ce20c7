#include "bindings/arrays.h"

#include <algorithm>

namespace tilewright {

std::string describe(const pybind11::array& array) {
    std::string text = pybind11::str(array.dtype()).cast<std::string>() + " (";
    for (pybind11::ssize_t axis = 0; axis < array.ndim(); ++axis) {
        text += (axis ? ", " : "") + std::to_string(array.shape(axis));
    }
    const bool contiguous = (array.flags() & pybind11::array::c_style) != 0;
    return text + (contiguous ? ")" : ") with gaps or in another order");
}

LatentTable copy_latent_table(const pybind11::array& array, const std::string& argument) {
    check_array<std::int8_t>(array, {256}, argument);
    LatentTable table{};
    std::copy_n(static_cast<const std::int8_t*>(array.data()), table.size(), table.begin());
    return table;
}

}  // namespace tilewright
