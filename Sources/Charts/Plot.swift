/// Where values are in the image.
struct Plot {
    let box: Box
    let ticks: AxisTicks
    /// The middle of each place, from left to right.
    let places: [Double]

    /// The height at which a value is drawn, in whole pixels.
    func y(_ value: Double) -> Double {
        guard let low = ticks.values.first, let high = ticks.values.last, high > low else { return box.bottom }
        return (box.bottom - (value - low) / (high - low) * box.height).rounded()
    }

    /// The vertical extent of a bar; at least a pixel, so that a small value is not taken for zero.
    func bar(_ value: Double) -> Box {
        let (zero, end) = (y(0), y(value))
        return value < 0
            ? Box(left: 0, top: zero, right: 0, bottom: max(end, zero + 1))
            : Box(left: 0, top: min(end, zero - 1), right: 0, bottom: zero)
    }
}
