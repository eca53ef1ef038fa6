import CCairo

@testable import Charts

/// The pixels of a PNG image, as cairo reads them.
struct DecodedImage {
    let width: Int
    let height: Int
    private let pixels: [UInt32]

    /// nil if cairo cannot read it as an image without transparency.
    init?(png: [UInt8]) {
        var rest = png[...]
        let surface = withUnsafeMutablePointer(to: &rest) { source in
            cairo_image_surface_create_from_png_stream(
                { source, target, count in
                    guard let target, let rest = source?.assumingMemoryBound(to: ArraySlice<UInt8>.self),
                        rest.pointee.count >= Int(count)
                    else { return CAIRO_STATUS_READ_ERROR }
                    let buffer = UnsafeMutableBufferPointer(start: target, count: Int(count))
                    _ = buffer.update(fromContentsOf: rest.pointee.prefix(Int(count)))
                    rest.pointee.removeFirst(Int(count))
                    return CAIRO_STATUS_SUCCESS
                }, source)
        }
        defer { cairo_surface_destroy(surface) }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS,
            cairo_image_surface_get_format(surface) == CAIRO_FORMAT_RGB24,
            let bytes = cairo_image_surface_get_data(surface)
        else { return nil }
        let width = Int(cairo_image_surface_get_width(surface))
        let height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        var pixels: [UInt32] = []
        for y in 0..<height {
            (bytes + y * stride).withMemoryRebound(to: UInt32.self, capacity: width) { row in
                pixels.append(contentsOf: UnsafeBufferPointer(start: row, count: width).map { $0 & 0xFFFFFF })
            }
        }
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }

    /// 0xRRGGBB.
    subscript(x: Int, y: Int) -> UInt32 { pixels[y * width + x] }

    func count(of color: UInt32) -> Int { pixels.count { $0 == color } }

    /// The rows of a column with that colour.
    func rows(of color: UInt32, x: Int) -> [Int] { (0..<height).filter { self[x, $0] == color } }

    /// The columns of a row with that colour, as runs without a gap, of which those below `least` pixels are left out.
    func runs(of color: UInt32, y: Int, least: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for x in 0..<width where self[x, y] == color {
            if let last = runs.last, last.upperBound == x {
                runs[runs.count - 1] = last.lowerBound..<(x + 1)
            } else {
                runs.append(x..<(x + 1))
            }
        }
        return runs.filter { $0.count >= least }
    }
}

/// The colours of a chart as pixels.
enum Pixel {
    static let white: UInt32 = 0xFFFFFF
    static let grid: UInt32 = 0xE2E2E2
    static let axis: UInt32 = 0x8A8A8A
    /// Of the first two series.
    static let first: UInt32 = 0x0072B2
    static let second: UInt32 = 0xE69F00
}

extension Chart {
    /// A chart with one series for each row of values.
    static func sample(
        _ kind: Kind, unit: Unit = .count, labels: [String] = ["a", "b", "c", "d"], _ rows: [Double]...
    ) -> Chart {
        Chart(
            kind: kind, title: "Title", unit: unit, labels: labels,
            series: rows.enumerated().map { Series(name: "series \($0.offset)", values: $0.element) })
    }

    func image(width: Int = 960, height: Int = 480) throws -> DecodedImage? {
        DecodedImage(png: try png(width: width, height: height))
    }
}
