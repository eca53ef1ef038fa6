/// A colour; each part is 0 to 1.
struct Color: Sendable, Hashable {
    let red: Double
    let green: Double
    let blue: Double

    /// 0xRRGGBB.
    init(_ code: Int) {
        red = Double(code >> 16 & 255) / 255
        green = Double(code >> 8 & 255) / 255
        blue = Double(code & 255) / 255
    }

    static let white = Color(0xFFFFFF)
    static let title = Color(0x1D1C1D)
    static let text = Color(0x454245)
    static let grid = Color(0xE2E2E2)
    static let axis = Color(0x8A8A8A)

    /// The colours of Okabe and Ito, which people with any form of colour blindness can distinguish
    /// (https://jfly.uni-koeln.de/color), without the yellow, which is too light on white.
    static let series = [0x0072B2, 0xE69F00, 0x009E73, 0xD55E00, 0x56B4E9, 0xCC79A7, 0x5F5F5F].map { Color($0) }

    /// The colour of the series with that index; they repeat after the last.
    static func ofSeries(_ index: Int) -> Color { series[index % series.count] }
}
