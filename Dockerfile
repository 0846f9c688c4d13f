# The desk: one image, several commands (see temporal-docker-compose.yml). Node runs the TypeScript as it is.
FROM node:24-bookworm-slim
WORKDIR /desk
ENV NODE_ENV=production
COPY package.json package-lock.json ./
# The Node that the project brings, and the embedded PostgreSQL, are for machines without containers.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 4600
CMD ["node", "api/server.ts"]
