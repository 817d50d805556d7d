// The order in which products add up, where it is not defined: AUTOAMP_EMULATED_SUMS is backwards or halves, or unset.

#pragma once

enum class Sums { FORWARDS, BACKWARDS, HALVES };

// order_of_sums reads the setting.
Sums order_of_sums();
