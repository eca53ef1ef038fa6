/// The part of a request for which a model's provider refused all of it. The request is sent again without the part.
package enum RefusedPart: Sendable, Hashable {
    /// The tool's name in the request.
    case tool(String)
    /// An image; providers do not say which.
    case image
}
