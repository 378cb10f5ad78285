package main

func openSegmentio(string) (operations, func(error) int) {
	return operations{}, func(error) int { return -1 }
}
