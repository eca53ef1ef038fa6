/// A rectangle in pixels; `top` is less than `bottom`.
struct Box: Sendable, Hashable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var width: Double { right - left }
    var height: Double { bottom - top }
}

/// A place in pixels from the upper left corner.
struct Point: Sendable, Hashable {
    let x: Double
    let y: Double
}

/// Of text.
struct Font: Sendable, Hashable {
    /// In pixels.
    let size: Double
    var isBold = false
}
