extension ModelRequest {
    /// Puts words in place of the images of the newest results that have any; false when no result has an image.
    mutating func describeNewestImages() -> Bool {
        for index in messages.indices.reversed() {
            guard case .toolResults(let results) = messages[index] else { continue }
            let described = results.map(\.withoutImages)
            guard described != results else { continue }
            messages[index] = .toolResults(described)
            return true
        }
        return false
    }
}

extension ModelToolResult {
    fileprivate var withoutImages: ModelToolResult {
        var result = self.result
        result.content = result.content.map { part in
            guard case .image(_, let mimeType) = part else { return part }
            return .text("[image of type \(mimeType) left out: it cannot be shown to you]")
        }
        return ModelToolResult(callID: callID, tool: tool, result: result)
    }
}
