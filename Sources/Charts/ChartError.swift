/// Why a chart could not be drawn.
package struct ChartError: Error, Hashable, CustomStringConvertible {
    /// Pixels.
    package let width: Int
    package let height: Int
    /// cairo's own message, such as "out of memory".
    package let reason: String

    package var description: String { "cannot draw a chart of \(width) × \(height) pixels: cairo: \(reason)" }
}
