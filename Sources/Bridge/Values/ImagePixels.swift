import Foundation

/// The extent of an image, from the head of its file.
package struct ImagePixels: Sendable, Hashable {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// nil when the head is incomplete or of another form.
    init?(of bytes: Data, _ format: ImageFormat) {
        let reader = Reader(bytes: bytes)
        let found =
            switch format {
            case .png: reader.png
            case .gif: reader.gif
            case .webp: reader.webp
            case .jpeg: reader.jpeg
            }
        guard let found else { return nil }
        self = found
    }

    private struct Reader {
        let bytes: Data

        /// PNG, "IHDR".
        var png: ImagePixels? { pixels(big(16, 4), big(20, 4)) }
        /// GIF89a, "Logical Screen Descriptor".
        var gif: ImagePixels? { pixels(little(6, 2), little(8, 2)) }

        /// WebP container specification: lossy, lossless and extended format.
        var webp: ImagePixels? {
            switch big(12, 4) {
            case 0x5650_3820: return pixels(little(26, 2).map { $0 & 0x3FFF }, little(28, 2).map { $0 & 0x3FFF })
            case 0x5650_384C:
                return pixels(little(21, 4).map { ($0 & 0x3FFF) + 1 }, little(21, 4).map { (($0 >> 14) & 0x3FFF) + 1 })
            case 0x5650_3858: return pixels(little(24, 3).map { $0 + 1 }, little(27, 3).map { $0 + 1 })
            default: return nil
            }
        }

        /// The first frame header (ITU-T T.81, B.2.2).
        var jpeg: ImagePixels? {
            var at = 2
            while let marker = big(at, 2), marker >> 8 == 0xFF {
                switch marker & 0xFF {
                case 0xFF: at += 1
                case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return pixels(big(at + 7, 2), big(at + 5, 2))
                case 0x01, 0xD0...0xD8: at += 2
                default:
                    guard let length = big(at + 2, 2), length >= 2 else { return nil }
                    at += 2 + length
                }
            }
            return nil
        }

        private func pixels(_ width: Int?, _ height: Int?) -> ImagePixels? {
            guard let width, let height else { return nil }
            return ImagePixels(width: width, height: height)
        }

        /// A number whose most significant byte is first; nil beyond the end.
        private func big(_ offset: Int, _ count: Int) -> Int? {
            guard offset + count <= bytes.count else { return nil }
            return (0..<count).reduce(0) { $0 << 8 | Int(bytes[bytes.startIndex + offset + $1]) }
        }

        /// A number whose least significant byte is first; nil beyond the end.
        private func little(_ offset: Int, _ count: Int) -> Int? {
            guard offset + count <= bytes.count else { return nil }
            return (0..<count).reduce(0) { $0 | Int(bytes[bytes.startIndex + offset + $1]) << (8 * $1) }
        }
    }
}
