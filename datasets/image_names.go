package datasets

// ImageDim returns the dimension d of the images of a set of ImageNames, all channels or one of "red", "green" and
// "blue". It is 0 where there is no such set or channel.
func ImageDim(name, channel string) int {
	colour := channel == "red" || channel == "green" || channel == "blue"
	switch {
	case name == mnist.name && channel == "":
		return 28 * 28
	case name == cifar10.name && channel == "":
		return 3 * 32 * 32
	case name == cifar10.name && colour:
		return 32 * 32
	}
	return 0
}
