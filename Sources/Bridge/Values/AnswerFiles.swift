/// An image of an answer's tool calls.
package struct AnswerFile: Sendable, Hashable {
    /// The tool that returned it.
    package let tool: ToolName
    package let format: ImageFormat
    /// Base64 without line breaks.
    package let data: String
    /// What the image shows, for users who do not see it; nil when the tool does not say it.
    package let altText: String?

    /// - Parameter data: base64.
    package init(tool: ToolName, format: ImageFormat, data: String, altText: String?) {
        self.tool = tool
        self.format = format
        self.data = data
        self.altText = altText
    }

    /// nil when the data is no base64, larger than ``AnswerFiles/largest`` or no image of an ``ImageFormat``.
    fileprivate init?(_ base64: String, of tool: ToolName, altText: String?) {
        guard base64.utf8.count <= AnswerFiles.largestBase64, let image = Base64Image(base64),
            image.bytes.count <= AnswerFiles.largest
        else { return nil }
        self.init(tool: tool, format: image.format, data: image.base64, altText: altText)
    }
}

/// The images of an answer's tool calls, for the user, in the order of the calls.
package struct AnswerFiles: Sendable, Hashable {
    /// The number of images that an answer has at most.
    package static let most = 5
    /// The size of one image at most, in bytes.
    package static let largest = 5_000_000
    /// The size of its base64 at most; some encoders break lines.
    static let largestBase64 = largest / 3 * 4 + largest / 38

    /// Each image once.
    package private(set) var files: [AnswerFile] = []
    /// The number of images that are not in ``files``: too many, too large, or of no ``ImageFormat``.
    package private(set) var leftOut = 0

    package init() {}

    /// Adds the images of a result: of its content and of its content for the user only.
    package mutating func add(_ result: ToolResult, of tool: ToolName) {
        for part in result.content { add(part, altText: nil, of: tool) }
        for (index, part) in result.userContent.enumerated() {
            add(part, altText: Self.text(after: index, in: result.userContent), of: tool)
        }
    }

    private mutating func add(_ part: ToolContent, altText: String?, of tool: ToolName) {
        switch part {
        case .image(let data, _):
            guard let file = AnswerFile(data, of: tool, altText: altText) else {
                leftOut += 1
                return
            }
            if files.contains(where: { $0.data == file.data }) { return }
            if files.count < Self.most { files.append(file) } else { leftOut += 1 }
        case .unknown(let block) where block["type"] == "image":
            // An image without its data: the limits of a result have removed it.
            leftOut += 1
        default: return
        }
    }

    private static func text(after index: Int, in content: [ToolContent]) -> String? {
        guard content.indices.contains(index + 1), case .text(let text) = content[index + 1], !text.isBlank else {
            return nil
        }
        return text
    }
}
