package import Foundation

/// An image, also as tools send it: base64, with or without line breaks, padding or a `data:` prefix. The first bytes tell
/// its format, since a MIME type is only a claim.
package struct Base64Image: Sendable, Hashable {
    package let format: ImageFormat
    package let bytes: Data
    /// Its extent in pixels; nil when the head of the image does not tell it.
    package let pixels: ImagePixels?

    /// nil when the text is no base64, or the bytes begin like no ``ImageFormat``.
    package init?(_ text: String) {
        guard let digits = Self.digits(text[...]), let bytes = Data(base64Encoded: Data(digits)) else { return nil }
        self.init(bytes)
    }

    /// nil when the bytes begin like no ``ImageFormat``.
    package init?(_ bytes: Data) {
        guard let format = ImageFormat(bytes) else { return nil }
        self.format = format
        self.bytes = bytes
        pixels = ImagePixels(of: bytes, format)
    }

    /// Base64 with padding and without line breaks.
    package var base64: String { bytes.base64EncodedString() }

    /// The base64 in the standard alphabet, padded; nil when there is anything else.
    private static func digits(_ text: Substring) -> [UInt8]? {
        var text = text
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        if text.prefix(5).lowercased() == "data:" {
            guard let comma = text.firstIndex(of: ","), text[..<comma].lowercased().hasSuffix(";base64") else {
                return nil
            }
            text = text[text.index(after: comma)...]
        }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count + 4)
        var isPadded = false
        for byte in text.utf8 {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "="): isPadded = true
            case _ where isPadded: return nil
            case UInt8(ascii: "-"): digits.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): digits.append(UInt8(ascii: "/"))
            default: digits.append(byte)
            }
        }
        digits += Array(repeating: UInt8(ascii: "="), count: (4 - digits.count % 4) % 4)
        return digits
    }
}
